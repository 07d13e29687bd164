// The target by which an agent knows that it is well itself: chosen by its operator, probed all the
// time on the same engine as everything else. When the control target is slow too, or does not
// answer, it is the agent or its network that is not well, and each result can say so. Loop thread
// only, after begin().
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "agent/probe/event_loop.h"
#include "agent/schedule/slots.h"
#include "common/measurement.h"
#include "common/target.h"

namespace firstbyte::agent {

class ControlTarget {
 public:
  struct Options {
    std::string url;
    std::chrono::seconds interval{30};
    std::uint64_t seed = 0;  // of the place in the interval; see common/jitter.h
  };
  // Starts a probe, soon, whose result comes to take(). False when there is no room for it.
  using StartProbe = std::function<bool(ProbeOrder)>;

  // Slots count from now on. The loop must end before this does.
  ControlTarget(EventLoop& loop, Options options, StartProbe start_probe);
  ControlTarget(const ControlTarget&) = delete;
  ControlTarget& operator=(const ControlTarget&) = delete;

  // From any thread, once.
  void begin();

  // An order of the collector's always has an id; a control probe is no test's.
  static bool is_control(const std::string& test_id) { return test_id.empty(); }
  // The result of a control probe.
  void take(const Measurement& measurement);

  // The last one; absent until one has finished.
  const std::optional<ControlCheck>& latest() const { return latest_; }
  // Slots at which no probe could start: the one before still ran, there was no room, or the agent
  // was more than a period late.
  std::uint64_t skipped() const { return skipped_; }

 private:
  void wait_for_slot();
  void slot_is_due();
  bool start();

  EventLoop& loop_;
  const Options options_;
  const StartProbe start_probe_;
  Slots slots_;
  bool running_ = false;
  std::uint64_t skipped_ = 0;
  std::optional<ControlCheck> latest_;
};

}  // namespace firstbyte::agent
