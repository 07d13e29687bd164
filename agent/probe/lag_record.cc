#include "agent/probe/lag_record.h"

#include <algorithm>

namespace firstbyte::agent {

void LagRecord::add(MonotonicTime begin, MonotonicTime end) {
  while (!waits_.empty() && waits_.back().end - waits_.back().begin <= end - begin) {
    waits_.pop_back();
  }
  while (!waits_.empty() && waits_.front().end + kMemory < end) waits_.pop_front();
  waits_.push_back({begin, end});
}

Micros LagRecord::longest_since(MonotonicTime since) const {
  std::chrono::nanoseconds longest{};
  for (auto wait = waits_.rbegin(); wait != waits_.rend() && wait->end > since; ++wait) {
    longest = std::max(longest, wait->end - std::max(wait->begin, since));
  }
  return to_micros(longest);
}

}  // namespace firstbyte::agent
