#include "agent/probe/wire_times.h"

#include <algorithm>
#include <cmath>

namespace firstbyte::agent {
namespace {

// A slewed wall clock gains 500 ppm; more than twice that, and what reading two clocks costs, was a
// step.
constexpr Micros kReading{200};
constexpr int kSlew = 1000;
// Rounding and the reading of two clocks: within it a stamp is moved, beyond it is not believed.
constexpr Micros kSlack{50};

std::size_t index(Phase phase) { return static_cast<std::size_t>(phase); }

}  // namespace

ClockPair ClockPair::read(const Clock& clock) {
  // The process may be put aside in between: the closest of some readings counts.
  constexpr int kTries = 8;
  constexpr std::chrono::microseconds kClose{5};
  ClockPair best;
  auto best_gap = std::chrono::nanoseconds::max();
  for (int i = 0; i < kTries && best_gap > kClose; ++i) {
    const MonotonicTime before = clock.now();
    const WallTime wall = clock.wall();
    const auto gap = clock.now() - before;
    if (gap < best_gap) {
      best = {before + gap / 2, wall};
      best_gap = gap;
    }
  }
  return best;
}

bool StampMap::is_steady() const {
  const auto monotonic = to_micros(end_.monotonic - start_.monotonic);
  const auto wall = std::chrono::duration_cast<Micros>(end_.wall - start_.wall);
  return std::chrono::abs(wall - monotonic) <= kReading + monotonic / kSlew;
}

Micros StampMap::at(KernelTime stamp) const {
  using Real = std::chrono::duration<double, std::micro>;
  const Real since = stamp - start_.wall;
  const Real wall = end_.wall - start_.wall;
  const Real monotonic = end_.monotonic - start_.monotonic;
  const double rate = wall.count() > 0 ? monotonic / wall : 1.0;
  return Micros{std::llround(since.count() * rate)};
}

void WireTimes::open_turn(Phase phase) { known_[index(phase)].open = true; }

void WireTimes::add_turn(Phase phase, KernelTime begin, KernelTime end) {
  known_[index(phase)].open = false;
  known_[index(phase)].turns.push_back({begin, end});
}

void WireTimes::set_duration(Phase phase, Micros duration) {
  known_[index(phase)].duration = duration;
}

void WireTimes::doubt(Phase phase) { known_[index(phase)].doubtful = true; }

void WireTimes::may_be_late(Phase phase) { known_[index(phase)].clock = Span::Clock::kAgent; }

std::optional<Span> WireTimes::known_span(Phase phase, const Span& seen,
                                          const StampMap& map) const {
  const Known& known = known_[index(phase)];
  if (known.doubtful || known.open) return std::nullopt;
  if (known.duration) {
    return Span{seen.begin, seen.begin + *known.duration, Micros{}, known.clock};
  }
  if (known.turns.empty()) return std::nullopt;
  Micros waited{};
  KernelTime last = known.turns.front().begin;
  for (const Turn& turn : known.turns) {
    if (turn.begin < last || turn.end < turn.begin) return std::nullopt;
    waited += map.at(turn.end) - map.at(turn.begin);
    last = turn.end;
  }
  Span span{map.at(known.turns.front().begin), map.at(last), Micros{}, known.clock};
  span.own = std::max(Micros{}, span.end - span.begin - waited);
  return span;
}

PhaseSpans WireTimes::refine(const PhaseSpans& spans, const StampMap& map, Micros total) const {
  PhaseSpans refined = spans;
  if (!map.is_steady()) return refined;
  Micros reached{};  // the end of the phase before
  for (const Phase phase : kPhases) {
    std::optional<Span>& span = refined[index(phase)];
    if (!span) continue;
    std::optional<Span> known = known_span(phase, *span, map);
    // The agent sees everything later than the kernel, and in the same order: a stamp that says
    // otherwise is not of this phase.
    if (known && known->begin + kSlack >= reached && known->end <= span->end + kSlack) {
      known->begin = std::clamp(known->begin, reached, total);
      known->end = std::clamp(known->end, known->begin, total);
      known->own = std::min(known->own, known->end - known->begin);
      span = known;
    } else {
      span->begin = std::clamp(span->begin, reached, total);
      span->end = std::clamp(span->end, span->begin, total);
    }
    reached = span->end;
  }
  return refined;
}

}  // namespace firstbyte::agent
