// Turns the boundaries that a probe passes into Timings. One probe, one thread.
#pragma once

#include <functional>
#include <optional>

#include "agent/probe/wire_times.h"
#include "common/measurement.h"

namespace firstbyte::agent {

class PhaseRecorder {
 public:
  using OnEnter = std::function<void(Phase, Micros elapsed)>;

  // The probe starts now. `on_enter` is told of each phase as it begins: once, but for what has to
  // be gone through again after back_to().
  explicit PhaseRecorder(const Clock& clock, OnEnter on_enter = {});

  // Ends the open phase, if any, and begins this one. A phase can be entered once; entering it
  // again extends it (a second DNS query, say), which only the latest one can be.
  void enter(Phase phase);
  // Ends the open phase; what follows is the agent's own time.
  void leave();
  // This phase begins anew, and whatever it and those behind it had reached was in vain: it has all
  // their time, by the agent's clock. No effect before it has come so far.
  void back_to(Phase phase);
  // The open phase, else the latest one: where a failure happened.
  std::optional<Phase> latest() const { return latest_; }
  bool is_open() const { return open_; }
  Micros elapsed() const;

  // For what the kernel's stamps say; finish() takes it into account.
  WireTimes& wire() { return wire_; }

  // Ends the open phase and the probe. kAgent: as if there were no stamps.
  Timings finish(Span::Clock clock = Span::Clock::kKernel);

  MonotonicTime start() const { return start_.monotonic; }
  // After finish(): how long after the kernel, at most, the agent was through with what ended a
  // phase. Of phases that have no stamps nobody knows.
  Micros seen_late() const { return seen_late_; }
  // After finish(): somebody set the wall clock meanwhile.
  bool clock_stepped() const { return clock_stepped_; }

 private:
  Span& latest_span();

  const Clock& clock_;
  const ClockPair
      start_;  // both clocks at one moment: from it the agent's spans and the stamps count
  const OnEnter on_enter_;
  PhaseSpans spans_{};
  WireTimes wire_;
  std::optional<Phase> latest_;
  bool open_ = false;
  Micros seen_late_{};
  bool clock_stepped_ = false;
};

}  // namespace firstbyte::agent
