// A measurement for people: each redirect with its phases as bars, the answer with its own and
// everything that is known of it, and the samples side by side.
#pragma once

#include <string>

#include "common/measurement.h"
#include "common/text_style.h"

namespace firstbyte::agent {

std::string waterfall(const Measurement& measurement, const TextStyle& style);

}  // namespace firstbyte::agent
