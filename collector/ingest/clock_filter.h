// Estimates an agent's clock from pings, as NTP does. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "collector/store/store.h"
#include "common/clock.h"

namespace firstbyte::collector {

// When an agent had a ping, and when it answered, both by its own clock. `ping` is the time that
// the ping carried.
struct ClockAnswer {
  WallTime ping;
  WallTime received;
  WallTime sent;
  // The latest result that was measured by then.
  std::uint64_t boot = 0;
  std::uint64_t last_sequence = 0;
};

// What is known of an agent's clock for the results that come now.
struct ResultClock {
  std::optional<ClockOffset> offset{};
  // Those up to this number may be of before the clock was set, or first compared, when it was off
  // by something else.
  std::uint64_t unknown_up_to = 0;
};

class ClockFilter {
 public:
  // How fast two clocks move apart at most: parts of a million. A crystal that nobody corrects is
  // within 100; there are two of them.
  static constexpr std::int64_t kDriftPpm = 200;

  ClockFilter() = default;
  // With what an earlier run knew, aged until now: the first answer is compared with it. `settled`:
  // nothing of which that run did not know the offset can still come.
  ClockFilter(ClockOffset known, bool settled, MonotonicTime now);

  // A ping is about to leave; `wall` is what it carries.
  void sent(WallTime wall, MonotonicTime now);

  // Its answer is here. The way there and back is measured by the monotonic clock, so that a wall
  // clock that is set meanwhile does not spoil it. An answer to no ping of ours is passed over, as
  // is one to a ping that was answered. When the offset has moved by more than both readings can be
  // wrong, a clock was set: the Error of the step is what they can be wrong together, and the
  // filter starts over with this reading. A first reading has nothing to be compared with, so of
  // what was measured before it the offset is not known either.
  std::optional<ClockStep> answered(const ClockAnswer& answer, WallTime wall, MonotonicTime now);

  // The offset of the recent reading that bounds it best. Its error is half the way there and back,
  // since that may have been all on one side, and what the clocks may have drifted since. Absent
  // before the first reading. A clock that was set is noticed with the next answer only.
  std::optional<ClockOffset> estimate(MonotonicTime now) const;

  // For results of this boot. Nothing is known before this stream's first answer: the clock may
  // have been set while the agent was away.
  ResultClock for_results(std::uint64_t boot, MonotonicTime now) const;
  // The agent is back, on another stream.
  void resume();

  // Of something that happened so long before the estimate: the clocks may have drifted since.
  static ClockOffset aged(ClockOffset offset, Micros age);

 private:
  struct Ping {
    WallTime wall;
    MonotonicTime at;
  };
  struct Reading {
    Micros offset;
    Micros error;      // when it was taken
    MonotonicTime at;  // when its ping was sent
  };
  static ClockOffset of(const Reading& reading, MonotonicTime now);

  std::deque<Ping> pings_;  // not answered yet, oldest first
  std::deque<Reading> readings_;
  bool confirmed_ = true;  // by an answer on this stream
  bool settled_ = false;   // what was measured before the next answer can be compared
  // Of which nothing is known: what had been measured by the first answer, or when the last step
  // was noticed.
  struct Unknown {
    std::uint64_t boot = 0;
    std::uint64_t last_sequence = 0;
  };
  std::optional<Unknown> unknown_;
};

}  // namespace firstbyte::collector
