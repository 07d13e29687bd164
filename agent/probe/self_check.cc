#include "agent/probe/self_check.h"

#include <algorithm>

namespace firstbyte::agent {

SelfCheck check_self(const PhaseRecorder& finished, const EventLoop& loop) {
  SelfCheck self_check;
  self_check.loop_lag = std::max(loop.lag_since(finished.start()), finished.seen_late());
  self_check.overloaded = self_check.loop_lag >= kOverloadedLag;
  self_check.clock_stepped = finished.clock_stepped();
  return self_check;
}

}  // namespace firstbyte::agent
