// Probes what the collector has assigned, each check at its slots. At most one probe of a check
// runs, and not more than so many of all together; a slot that finds no place is skipped, which the
// next result of its check tells. assign() is thread-safe, all else is the loop's.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>

#include "agent/probe/event_loop.h"
#include "agent/schedule/check_slots.h"
#include "common/check.h"
#include "common/measurement.h"
#include "common/target.h"

namespace firstbyte::agent {

class Checks {
 public:
  // Half of what the engine runs at once, as one that waits for its start counts here already.
  static constexpr std::size_t kMostRunning = 32;

  using HasRoom = std::function<bool()>;
  // Starts the probe, soon; its result comes to take().
  using Start = std::function<void(ProbeOrder)>;
  // By check: the last slot that an earlier run of this agent used.
  using Told = std::map<std::uint64_t, WallTime>;

  // The loop must end before this does.
  Checks(EventLoop& loop, Told told, HasRoom has_room, Start start);
  Checks(const Checks&) = delete;
  Checks& operator=(const Checks&) = delete;

  // From now on these, and no others. One that is in the assignment before goes on as it was.
  void assign(Assignment assignment);
  // The result of a check's probe. False when the agent did not let it run to its end, which says
  // nothing of the target: the slot is skipped, and there is no result.
  [[nodiscard]] bool take(const Measurement& measurement);

 private:
  struct Series {
    Check check;
    CheckSlots slots;
    EventLoop::TimerId timer{};
  };

  CheckSlots::Now now() const { return {loop_.clock().now(), loop_.clock().wall()}; }
  void replace(Assignment assignment);
  Series make_series(Check check);
  void wait_for_slot(Series& series);
  void slot_is_due(std::uint64_t id);

  EventLoop& loop_;
  const HasRoom has_room_;
  const Start start_;
  Told told_;  // of those that have no series yet
  std::map<std::uint64_t, Series> series_;
  std::set<std::uint64_t> running_;
};

}  // namespace firstbyte::agent
