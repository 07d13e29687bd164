#include "agent/stream/backoff.h"

#include <algorithm>

namespace firstbyte::agent {

Backoff::Backoff(Millis first, Millis most, std::uint64_t seed)
    : first_(first), most_(most), random_(seed) {}

Backoff::Millis Backoff::next() {
  constexpr int kMaxDoublings = 30;  // far beyond any `most`, far below an overflow
  const Millis ceiling = std::min(most_, first_ * (std::int64_t{1} << attempt_));
  attempt_ = std::min(attempt_ + 1, kMaxDoublings);
  std::uniform_int_distribution<std::int64_t> pick(ceiling.count() / 2, ceiling.count());
  return Millis{pick(random_)};
}

Backoff::Millis Backoff::part_of(Millis span) {
  std::uniform_int_distribution<std::int64_t> pick(0, span.count());
  return Millis{pick(random_)};
}

}  // namespace firstbyte::agent
