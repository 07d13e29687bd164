#include "agent/schedule/slots.h"

#include <cmath>
#include <random>
#include <vector>

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

std::chrono::nanoseconds jitter(std::uint64_t seed, std::string_view name, Slots::Period period) {
  // Of the standard's generators, unlike of its distributions, every library gives the same
  // numbers.
  std::vector<std::uint32_t> words{static_cast<std::uint32_t>(seed),
                                   static_cast<std::uint32_t>(seed >> 32)};
  words.insert(words.end(), name.begin(), name.end());
  std::seed_seq mixed(words.begin(), words.end());
  const double share = static_cast<double>(std::mt19937(mixed)()) / 0x1p32;
  return std::chrono::floor<std::chrono::nanoseconds>(share * period);
}

}  // namespace firstbyte::agent
