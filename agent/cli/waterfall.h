// A measurement for people: the phases as bars on one time axis, and everything that is known of
// the answer.
#pragma once

#include <string>

#include "agent/cli/text_style.h"
#include "common/measurement.h"

namespace firstbyte::agent {

std::string waterfall(const Measurement& measurement, const TextStyle& style);

}  // namespace firstbyte::agent
