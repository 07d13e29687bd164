// A clock turned by hand, so that tests need not wait. Thread-safe, as a Clock must be.
#pragma once

#include <atomic>
#include <chrono>

#include "common/clock.h"

namespace firstbyte::fakes {

class ManualClock final : public Clock {
 public:
  // Starts away from zero, so that what forgets to subtract a start shows.
  explicit ManualClock(WallTime wall = WallTime{std::chrono::seconds{1'790'000'000}})
      : wall_us_(wall.time_since_epoch().count()) {}

  MonotonicTime now() const override { return MonotonicTime{std::chrono::nanoseconds{now_ns_}}; }
  WallTime wall() const override { return WallTime{Micros{wall_us_}}; }

  // Both clocks go on together.
  void advance(std::chrono::nanoseconds by) {
    now_ns_ += by.count();
    wall_us_ += to_micros(by).count();
  }
  // Somebody sets the machine's date; measured durations must not notice.
  void step_wall(Micros by) { wall_us_ += by.count(); }

 private:
  std::atomic<std::int64_t> now_ns_ = std::chrono::nanoseconds{std::chrono::hours{1}}.count();
  std::atomic<std::int64_t> wall_us_;
};

}  // namespace firstbyte::fakes
