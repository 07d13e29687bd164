// How long to wait before the next attempt to reach the collector. One thread.
#pragma once

#include <chrono>
#include <random>

namespace firstbyte::agent {

// Exponential with jitter: attempt n waits between half of and the whole of min(first * 2^n, most),
// so that agents which lost their collector at the same moment do not all come back at the same
// moment.
class Backoff {
 public:
  using Millis = std::chrono::milliseconds;

  Backoff(Millis first, Millis most, std::uint64_t seed);

  Millis next();
  // Anything from nothing to all of it, so that those who were all told the same do not come at
  // once.
  Millis part_of(Millis span);
  // The last attempt reached the collector, was welcome and lasted so long: start over, unless it
  // was sent away again at once. A collector that welcomes and cannot store, its disk full say, is
  // not there yet.
  void was_connected_for(std::chrono::nanoseconds time) {
    if (time > kSteady) attempt_ = 0;
  }

  static constexpr std::chrono::seconds kSteady{5};

 private:
  const Millis first_;
  const Millis most_;
  int attempt_ = 0;
  std::mt19937_64 random_;
};

}  // namespace firstbyte::agent
