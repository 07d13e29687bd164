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
  // The collector answered: start over.
  void reset() { attempt_ = 0; }

 private:
  const Millis first_;
  const Millis most_;
  int attempt_ = 0;
  std::mt19937_64 random_;
};

}  // namespace firstbyte::agent
