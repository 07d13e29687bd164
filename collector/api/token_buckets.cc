#include "collector/api/token_buckets.h"

#include <algorithm>

namespace firstbyte::collector {
namespace {

constexpr std::chrono::nanoseconds kMinute = std::chrono::minutes{1};

}  // namespace

TokenBuckets::TokenBuckets(std::int64_t per_minute, std::size_t max_keys)
    : per_minute_(per_minute),
      max_keys_(max_keys),
      interval_((kMinute.count() + per_minute - 1) / per_minute) {}

MonotonicTime TokenBuckets::full_at(std::string_view key, MonotonicTime now) const {
  const auto found = full_at_.find(key);
  return found == full_at_.end() ? now : std::max(found->second, now);
}

TokenBuckets::Level TokenBuckets::level(std::string_view key, MonotonicTime now) const {
  const auto full_in = full_at(key, now) - now;
  const auto missing = (full_in + interval_ - std::chrono::nanoseconds{1}) / interval_;
  return {per_minute_ - missing, full_in};
}

std::chrono::nanoseconds TokenBuckets::wait(std::string_view key, std::int64_t cost,
                                            MonotonicTime now) const {
  const auto excess = full_at(key, now) - now + (cost - per_minute_) * interval_;
  return std::max(excess, std::chrono::nanoseconds::zero());
}

void TokenBuckets::take(std::string_view key, std::int64_t cost, MonotonicTime now) {
  while (!by_time_.empty() && by_time_.begin()->first <= now) forget_first();
  const MonotonicTime full = full_at(key, now) + cost * interval_;
  const auto [entry, fresh] = full_at_.try_emplace(std::string(key), full);
  if (!fresh) {
    by_time_.erase({entry->second, entry->first});
    entry->second = full;
  }
  by_time_.emplace(full, entry->first);
  if (full_at_.size() > max_keys_) forget_first();
}

void TokenBuckets::forget_first() {
  full_at_.erase(by_time_.begin()->second);
  by_time_.erase(by_time_.begin());
}

}  // namespace firstbyte::collector
