#include <algorithm>

#include "agent/spool/spool.h"

namespace firstbyte::agent {

std::uint64_t MemorySpool::append(Measurement measurement) {
  MutexLock lock(mutex_);
  if (results_.size() >= capacity_) {
    results_.pop_front();
    ++dropped_;
  }
  results_.push_back({++last_sequence_, std::move(measurement)});
  return last_sequence_;
}

std::vector<SpooledResult> MemorySpool::after(std::uint64_t sequence, std::size_t limit) const {
  MutexLock lock(mutex_);
  const auto first = std::ranges::upper_bound(results_, sequence, {}, &SpooledResult::sequence);
  const auto count = std::min(limit, static_cast<std::size_t>(results_.end() - first));
  return {first, first + static_cast<std::ptrdiff_t>(count)};
}

void MemorySpool::acknowledge(std::uint64_t sequence) {
  MutexLock lock(mutex_);
  while (!results_.empty() && results_.front().sequence <= sequence) results_.pop_front();
}

std::size_t MemorySpool::depth() const {
  MutexLock lock(mutex_);
  return results_.size();
}

std::uint64_t MemorySpool::dropped() const {
  MutexLock lock(mutex_);
  return dropped_;
}

}  // namespace firstbyte::agent
