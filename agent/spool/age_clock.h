// By what time the age of what is spooled is judged: by the wall clock, except that a clock that is
// set forward makes nothing old, nor does the time in which the agent did not run (after a start
// the two cannot be told apart, so the spool keeps how far it was). So a result may only have to
// wait longer than it should, by as much. One thread at a time.
#pragma once

#include <algorithm>

#include "common/clock.h"

namespace firstbyte::agent {

class AgeClock {
 public:
  // Nothing waits that an earlier reading counted for: from here on it is the wall clock's time
  // again, or that of the oldest result that now comes, if it is earlier. Of a spool that was found
  // with results, what was read when it was last written, if that is earlier.
  void set(WallTime wall, MonotonicTime now) {
    wall_ = wall;
    set_at_ = now;
  }
  // The earlier of the two: a clock that is set back makes nothing older either.
  WallTime read(WallTime wall, MonotonicTime now) const {
    return std::min(wall, wall_ + to_micros(now - set_at_));
  }

 private:
  WallTime wall_{};
  MonotonicTime set_at_{};
};

}  // namespace firstbyte::agent
