#include "agent/probe/phase_recorder.h"

#include <algorithm>

namespace firstbyte::agent {

PhaseRecorder::PhaseRecorder(const Clock& clock, OnEnter on_enter)
    : clock_(clock), start_(ClockPair::read(clock)), on_enter_(std::move(on_enter)) {}

Micros PhaseRecorder::elapsed() const { return to_micros(clock_.now() - start_.monotonic); }

Span& PhaseRecorder::latest_span() { return *spans_[static_cast<std::size_t>(*latest_)]; }

void PhaseRecorder::enter(Phase phase) {
  // Time runs one way: an earlier phase is over for good.
  if (latest_ && phase < *latest_) return;
  const Micros now = elapsed();
  if (latest_ == phase) {
    open_ = true;
    return;
  }
  if (open_) latest_span().end = now;
  spans_[static_cast<std::size_t>(phase)] = Span{.begin = now, .end = now};
  latest_ = phase;
  open_ = true;
  if (on_enter_) on_enter_(phase, now);
}

void PhaseRecorder::leave() {
  if (!open_) return;
  latest_span().end = elapsed();
  open_ = false;
}

void PhaseRecorder::back_to(Phase phase) {
  if (!latest_ || *latest_ < phase) return;
  Micros begin = elapsed();
  for (const Phase undone : kPhases) {
    std::optional<Span>& span = spans_[static_cast<std::size_t>(undone)];
    if (undone < phase || !span) continue;
    begin = std::min(begin, span->begin);
    span.reset();
  }
  spans_[static_cast<std::size_t>(phase)] = Span{.begin = begin, .end = begin};
  latest_ = phase;
  open_ = true;
  wire_.doubt(phase);
  if (on_enter_) on_enter_(phase, elapsed());
}

Timings PhaseRecorder::finish(Span::Clock clock) {
  const Micros total = elapsed();
  if (open_) latest_span().end = total;
  open_ = false;
  const StampMap map(start_, ClockPair::read(clock_));
  clock_stepped_ = !map.is_steady();
  const PhaseSpans refined =
      clock == Span::Clock::kKernel ? wire_.refine(spans_, map, total) : spans_;
  for (const Phase phase : kPhases) {
    const auto at = static_cast<std::size_t>(phase);
    if (!refined[at] || refined[at]->clock != Span::Clock::kKernel) continue;
    seen_late_ = std::max(seen_late_, spans_[at]->end - refined[at]->end);
  }
  // In order and within the total, so make() cannot refuse them.
  return Timings::make(refined, total).value_or(Timings{});
}

}  // namespace firstbyte::agent
