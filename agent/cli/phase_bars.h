// The phases of one exchange as bars on one time axis, and where the agent's own time went.
#pragma once

#include <string>

#include "common/measurement.h"
#include "common/text_style.h"

namespace firstbyte::agent {

// Empty when there was no phase.
std::string phase_bars(const Timings& timings, const TextStyle& style);

}  // namespace firstbyte::agent
