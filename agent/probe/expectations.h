// What a target's owner expects of the answer.
#pragma once

#include <optional>

#include "common/measurement.h"
#include "common/target.h"

namespace firstbyte::agent {

// The first of the expectations that an answer does not meet: its status, its headers in the order
// they are expected, its certificate, its TTFB. What could not be read is not met. Names of headers
// are compared without regard to case, values exactly. Of a measurement without a failure.
std::optional<Failure> unmet_expectation(const Expectations& expect,
                                         const Measurement& measurement);

}  // namespace firstbyte::agent
