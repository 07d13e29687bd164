// The samples of a measurement side by side: each with its phases, and what their TTFBs are
// together.
#pragma once

#include <string>

#include "common/measurement.h"
#include "common/text_style.h"

namespace firstbyte::agent {

// Empty where there was only one sample.
std::string sample_table(const Measurement& measurement, const TextStyle& style);

}  // namespace firstbyte::agent
