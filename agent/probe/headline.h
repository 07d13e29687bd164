// What a probe of several samples says first.
#pragma once

#include <vector>

#include "common/measurement.h"

namespace firstbyte::agent {

// The sample that stands for all of them: the first that failed, else the one with the median TTFB,
// of two in the middle the faster. There is at least one.
const Measurement& headline_of(const std::vector<Measurement>& samples);

// Leaves out headers until all parts together have no more than kMaxAllHeaderBytes of them, and DNS
// records until there are no more than kMaxAllDnsBytes, and says so where it does. The
// measurement's own are kept first, then its redirects', then those of its samples, in order.
void bound_parts(Measurement& measurement);

}  // namespace firstbyte::agent
