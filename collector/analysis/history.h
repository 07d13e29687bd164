// What a list of tests says of each.
#pragma once

#include <cstddef>
#include <optional>

#include "collector/store/store.h"

namespace firstbyte::collector {

struct TestSummary {
  // Cities by their state; those that have not ended are running, or past the deadline timed out.
  std::size_t finished = 0;
  std::size_t failed = 0;
  std::size_t offline = 0;
  std::size_t timed_out = 0;
  std::size_t running = 0;
  // Of those that finished: the status was below 400.
  std::size_t succeeded = 0;
  // Of those that succeeded; of two in the middle the faster. Absent where none did.
  std::optional<Micros> median_ttfb;
  std::optional<Micros> fastest_ttfb;
  std::optional<Micros> slowest_ttfb;
  bool operator==(const TestSummary&) const = default;
};

TestSummary summarize(const PastTest& test, WallTime now);

}  // namespace firstbyte::collector
