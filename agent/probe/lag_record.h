// What has waited for a loop, and for how long. One thread.
#pragma once

#include <deque>

#include "common/clock.h"

namespace firstbyte::agent {

class LagRecord {
 public:
  // No probe is asked about that began longer ago.
  static constexpr std::chrono::minutes kMemory{10};

  // Something waited from `begin` to `end`, which is now.
  void add(MonotonicTime begin, MonotonicTime end);
  // The longest wait after `since`; of one that had begun before, what lies after.
  Micros longest_since(MonotonicTime since) const;

 private:
  struct Wait {
    MonotonicTime begin;
    MonotonicTime end;
  };
  // In the order of their ends, each longer than all that follow: what is shorter than a later one
  // can be nobody's longest. So there are few, however many were added.
  std::deque<Wait> waits_;
};

}  // namespace firstbyte::agent
