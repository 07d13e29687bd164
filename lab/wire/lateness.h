// How late packets left, compared with their deadlines. One thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace firstbyte::wire {

// Counts on a logarithmic scale, four steps to a doubling, so a percentile is at most 19 % above
// the truth (2^(1/4)), 1 µs where it is smaller; from 1 µs to the 2 s above which all are one.
class Lateness {
 public:
  void add(std::chrono::nanoseconds late);

  // In microseconds, the upper end of the step that the packet of this rank is in; 0 without
  // packets.
  double percentile_us(double percent) const;
  double max_us() const { return max_us_; }

 private:
  static constexpr std::size_t kSteps = 86;

  std::array<std::uint32_t, kSteps> counts_{};
  std::uint64_t total_ = 0;
  double max_us_ = 0;
};

}  // namespace firstbyte::wire
