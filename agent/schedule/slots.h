// When the probes of one series start: slot k at `first` + k periods. A start that comes late does
// not shift the ones behind it, so that a series neither drifts nor hides how late it is. What a
// slot is used for, and whether one that passed is caught up or skipped, is the caller's to say.
// Pure; the time is what the caller says.
#pragma once

#include <cstdint>

#include "common/clock.h"
#include "common/measurement.h"

namespace firstbyte::agent {

class Slots {
 public:
  // Not in whole nanoseconds, which would make three starts a second drift.
  using Period = std::chrono::duration<double, std::nano>;

  // `period` is more than zero.
  Slots(MonotonicTime first, Period period) : first_(first), period_(period) {}

  // The earliest slot that is neither used nor skipped, be it long ago.
  MonotonicTime next() const;
  // Uses that one up.
  MonotonicTime take();
  // Skips all before `time`, and says how many those were.
  std::uint64_t skip_before(MonotonicTime time);

 private:
  const MonotonicTime first_;
  const Period period_;
  std::uint64_t number_ = 0;  // of the next
};

// Whether a slot's probe was none, as the agent ended or had no room: that says nothing of its
// target.
bool was_stopped(const Measurement& measurement);

}  // namespace firstbyte::agent
