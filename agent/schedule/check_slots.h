// The slots of one check. Unlike Slots they lie on the wall clock, so that they are the same before
// and after a restart, and whoever knows the interval knows which there should be. Of several that
// have passed only the latest is used; how many were not is told with the next that is. When the
// clock is set, the slots go on where it stands now. Pure; the time is what the caller says.
#pragma once

#include <cstdint>
#include <optional>

#include "common/check.h"
#include "common/clock.h"

namespace firstbyte::agent {

class CheckSlots {
 public:
  // Both clocks, read together.
  struct Now {
    MonotonicTime monotonic;
    WallTime wall;
  };

  // The first slot is after `now`. `told`: the last slot that an earlier run of this agent used.
  CheckSlots(const Check& check, std::optional<WallTime> told, const Now& now);

  // When take() will look at the next slot, be it long ago; within an interval from now.
  MonotonicTime due(const Now& now) const;
  // The slot that is due; absent when none is. It is used if there is room, else it is skipped, and
  // absent, too.
  std::optional<CheckSlot> take(const Now& now, bool has_room);
  // The last that was taken was not used after all: it is skipped.
  void give_back(WallTime slot);

 private:
  struct Told {
    WallTime slot;
    std::optional<MonotonicTime> at;  // the same on the other clock; absent: in an earlier run
  };

  WallTime latest_slot(WallTime time) const;

  const std::uint64_t check_;
  const Micros interval_;
  const Micros offset_;
  std::optional<Told> told_;
  std::optional<Told> before_;  // what was told before that
  WallTime next_;
};

}  // namespace firstbyte::agent
