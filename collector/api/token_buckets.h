// How much may be asked for, of each of any number of clients or targets.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "common/clock.h"

namespace firstbyte::collector {

// One bucket a key, each with room for a minute's worth of tokens, into which they come back
// evenly. So over any span of time no key gets more than `per_minute` and what comes back in that
// span.
//
// A bucket is one point in time, the one at which it will be full (the generic cell rate algorithm,
// ITU-T I.371): an integer, so nothing is lost or won by rounding. A full bucket is like one that
// was never used and is forgotten, so memory follows use. Not thread-safe.
class TokenBuckets {
 public:
  struct Level {
    std::int64_t remaining = 0;          // whole tokens
    std::chrono::nanoseconds full_in{};  // until the bucket is full again
  };

  // Of more than `max_keys` buckets in use, the one that would be full first is taken for full.
  explicit TokenBuckets(std::int64_t per_minute, std::size_t max_keys = 64 * 1024);

  std::int64_t per_minute() const { return per_minute_; }
  Level level(std::string_view key, MonotonicTime now) const;
  // How long until `cost` tokens are there, at most per_minute() of them; zero when they are.
  std::chrono::nanoseconds wait(std::string_view key, std::int64_t cost, MonotonicTime now) const;
  // Takes what wait() has found to be there.
  void take(std::string_view key, std::int64_t cost, MonotonicTime now);

  std::size_t size() const { return full_at_.size(); }

 private:
  MonotonicTime full_at(std::string_view key, MonotonicTime now) const;
  void forget_first();

  const std::int64_t per_minute_;
  const std::size_t max_keys_;
  const std::chrono::nanoseconds interval_;  // in which one token comes back, rounded up
  std::map<std::string, MonotonicTime, std::less<>> full_at_;
  std::set<std::pair<MonotonicTime, std::string>> by_time_;  // the same, the first to be full first
};

}  // namespace firstbyte::collector
