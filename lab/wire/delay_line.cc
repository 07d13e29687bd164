#include "lab/wire/delay_line.h"

#include <algorithm>

namespace firstbyte::wire {
namespace {

using std::chrono::nanoseconds;

nanoseconds serialisation(std::size_t bytes, double rate_mbit) {
  const double nanos = static_cast<double>(bytes) * 8 * 1e3 / rate_mbit;
  // So slow a link sends nothing in the lifetime of a lab; an hour keeps the sums from overflowing.
  return std::min(nanoseconds{std::chrono::hours{1}},
                  nanoseconds{static_cast<std::int64_t>(std::min(nanos, 1e15))});
}

}  // namespace

std::expected<MonotonicTime, DelayLine::Drop> DelayLine::admit(MonotonicTime arrival,
                                                               std::size_t bytes,
                                                               const WireSettings& settings) {
  if (!settings.up) return std::unexpected(Drop::kDown);
  MonotonicTime sent = arrival;
  if (settings.rate_mbit > 0) {
    const MonotonicTime start = std::max(arrival, link_free_);
    if (start - arrival > kLongestQueue) return std::unexpected(Drop::kOverflowed);
    sent = link_free_ = start + serialisation(bytes, settings.rate_mbit);
  }
  // Lost on its way, so after it has taken its share of the rate.
  if (is_lost(settings.loss_percent)) return std::unexpected(Drop::kLost);
  last_ = std::max(last_, sent + propagation(settings));
  return last_;
}

bool DelayLine::is_lost(double loss_percent) {
  return loss_percent > 0 && std::bernoulli_distribution(loss_percent / 100)(random_);
}

nanoseconds DelayLine::propagation(const WireSettings& settings) {
  if (settings.jitter == Micros{0}) return settings.delay;
  const nanoseconds jitter = settings.jitter;
  std::uniform_int_distribution<std::int64_t> off(-jitter.count(), jitter.count());
  return std::max(nanoseconds{0}, settings.delay + nanoseconds{off(random_)});
}

}  // namespace firstbyte::wire
