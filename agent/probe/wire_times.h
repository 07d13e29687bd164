// A probe's phases by the kernel's stamps, and how they replace what the agent's own clock saw.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "agent/probe/kernel_stamps.h"
#include "common/measurement.h"

namespace firstbyte::agent {

// The two clocks read at the same moment: stamps are on the wall clock, spans are since a start on
// the monotonic one.
struct ClockPair {
  MonotonicTime monotonic{};
  WallTime wall{};

  static ClockPair read(const Clock& clock);
};

// Where a stamp lies in a probe. The wall clock may be slewed meanwhile, so both ends are looked
// at.
class StampMap {
 public:
  StampMap(ClockPair start, ClockPair end) : start_(start), end_(end) {}

  // False when the wall clock was set in between.
  bool is_steady() const;
  // Since the start.
  Micros at(KernelTime stamp) const;

 private:
  ClockPair start_;
  ClockPair end_;
};

class WireTimes {
 public:
  // A wait for the other side begins; until its end is added the phase is doubtful.
  void open_turn(Phase phase);
  // One wait for the other side, in order. A phase may have several (each turn of a handshake);
  // what lies between them is the agent's own time.
  void add_turn(Phase phase, KernelTime begin, KernelTime end);
  // Of a phase whose place in time is the agent's to say.
  void set_duration(Phase phase, Micros duration);
  // A stamp is missing: the phase stays as the agent's clock saw it.
  void doubt(Phase phase);
  // A stamp may be that of something later: the phase is as the stamps say, which is still closer
  // than what the agent saw, but not vouched for; it counts as of the agent's clock.
  void may_be_late(Phase phase);

  // `spans` with all that the stamps know better, still in order and within [0, total].
  PhaseSpans refine(const PhaseSpans& spans, const StampMap& map, Micros total) const;

 private:
  struct Turn {
    KernelTime begin;
    KernelTime end;
  };
  struct Known {
    std::vector<Turn> turns;
    std::optional<Micros> duration;
    bool open = false;
    bool doubtful = false;
    Span::Clock clock = Span::Clock::kKernel;
  };
  std::optional<Span> known_span(Phase phase, const Span& seen, const StampMap& map) const;

  std::array<Known, kPhaseCount> known_;
};

}  // namespace firstbyte::agent
