#include "agent/schedule/slots.h"

#include <cmath>

namespace firstbyte::agent {

MonotonicTime Slots::next() const {
  return first_ +
         std::chrono::round<std::chrono::nanoseconds>(static_cast<double>(number_) * period_);
}

MonotonicTime Slots::take() {
  const MonotonicTime slot = next();
  ++number_;
  return slot;
}

std::uint64_t Slots::skip_before(MonotonicTime time) {
  if (next() >= time) return 0;
  const auto before = static_cast<std::uint64_t>(std::ceil(Period(time - first_) / period_));
  const std::uint64_t skipped = before - number_;
  number_ = before;
  return skipped;
}

bool was_stopped(const Measurement& measurement) {
  const auto& failure = measurement.failure;
  return failure && failure->origin == Origin::kAgent &&
         (failure->cause == Cause::kCancelled || failure->cause == Cause::kOverloaded);
}

}  // namespace firstbyte::agent
