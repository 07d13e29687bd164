#include "lab/wire/lateness.h"

#include <algorithm>
#include <cmath>

namespace firstbyte::wire {

void Lateness::add(std::chrono::nanoseconds late) {
  const double micros = std::max(0.0, static_cast<double>(late.count()) / 1e3);
  const double step = micros <= 1 ? 0 : std::ceil(std::log2(micros) * 4);
  ++counts_[std::min(kSteps - 1, static_cast<std::size_t>(step))];
  ++total_;
  max_us_ = std::max(max_us_, micros);
}

double Lateness::percentile_us(double percent) const {
  if (total_ == 0) return 0;
  const auto rank = std::max<std::uint64_t>(
      1, static_cast<std::uint64_t>(std::ceil(percent / 100 * static_cast<double>(total_))));
  std::uint64_t seen = 0;
  std::size_t step = 0;
  while (step < kSteps - 1 && (seen += counts_[step]) < rank) ++step;
  return std::min(max_us_, std::exp2(static_cast<double>(step) / 4));
}

}  // namespace firstbyte::wire
