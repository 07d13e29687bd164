#include "collector/drills/recovery.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <span>
#include <vector>

namespace firstbyte::collector {
namespace {

using Slots = std::span<const Slot>;

bool is_answer(const Slot& slot) { return slot.outcome == SlotOutcome::kAnswered; }
bool is_failure(const Slot& slot) { return slot.outcome == SlotOutcome::kFailed; }

WallTime answered_at(const Slot& slot) {
  return slot.ttfb ? slot.started_at + *slot.ttfb : slot.ended_at;
}

Tally tally_of(Slots slots) {
  Tally tally;
  tally.expected = slots.size();
  for (const Slot& slot : slots) {
    switch (slot.outcome) {
      case SlotOutcome::kAnswered:
        ++tally.answered;
        if (slot.resent > 0) ++tally.resent;
        break;
      case SlotOutcome::kFailed:
        ++tally.failed;
        break;
      case SlotOutcome::kNoData:
        ++tally.no_data;
        break;
      case SlotOutcome::kSkipped:
        ++tally.skipped;
        break;
    }
  }
  return tally;
}

std::optional<Micros> quantile(std::vector<Micros> values, double share) {
  if (values.empty()) return std::nullopt;
  const auto rank = std::max(1.0, std::ceil(share * static_cast<double>(values.size())));
  const auto nth = values.begin() + static_cast<std::ptrdiff_t>(rank) - 1;
  std::ranges::nth_element(values, nth);
  return *nth;
}

std::string usual_edge(Slots slots) {
  std::map<std::string, std::size_t> counts;
  for (const Slot& slot : slots) {
    if (is_answer(slot)) ++counts[slot.edge];
  }
  const auto most =
      std::ranges::max_element(counts, {}, [](const auto& one) { return one.second; });
  return most == counts.end() ? std::string{} : most->first;
}

Level level_of(Slots slots) {
  Level level;
  level.edge = usual_edge(slots);
  level.tally = tally_of(slots);
  std::vector<Micros> ttfbs;
  std::array<std::vector<Micros>, kPhaseCount> phases;
  for (const Slot& slot : slots) {
    if (!is_answer(slot) || slot.edge != level.edge) continue;
    if (slot.ttfb) ttfbs.push_back(*slot.ttfb);
    for (std::size_t phase = 0; phase < kPhaseCount; ++phase) {
      if (slot.phases.at(phase)) phases.at(phase).push_back(*slot.phases.at(phase));
    }
  }
  level.ttfb_median = quantile(ttfbs, 0.5);
  level.ttfb_p95 = quantile(std::move(ttfbs), 0.95);
  std::ranges::transform(phases, level.phase_medians.begin(),
                         [](std::vector<Micros>& values) { return quantile(values, 0.5); });
  return level;
}

bool is_steady(Slots slots, const Level& level) {
  if (slots.size() < kLeastBaselineSlots) return false;
  const auto usual = std::ranges::count_if(
      slots, [&](const Slot& slot) { return is_answer(slot) && slot.edge == level.edge; });
  return static_cast<double>(usual) >= kSteadyShare * static_cast<double>(slots.size());
}

// The first of the answers of one edge that go on to the end, if there are enough of them. A slot
// without data breaks nothing: it is not known to have failed. It does not count as an answer,
// either.
Slots::iterator stable_from(Slots slots) {
  auto first = slots.end();
  std::size_t answers = 0;
  for (auto slot = slots.end(); slot != slots.begin();) {
    --slot;
    if (is_failure(*slot)) break;
    if (!is_answer(*slot)) continue;
    if (answers > 0 && slot->edge != first->edge) break;
    first = slot;
    ++answers;
  }
  return answers >= kVerifiedBy ? first : slots.end();
}

// Nothing is seen between two slots, so what a slot shows may have begun up to one before.
Moment moment(WallTime at, const CitySlots& city) { return {at, city.interval + city.clock_error}; }

std::optional<Elapsed> outage_of(const std::optional<WallTime>& last_before, Slots slots,
                                 const CitySlots& city) {
  std::optional<WallTime> last_good = last_before;
  bool failing = false;
  Micros length{};
  std::size_t outages = 0;
  for (const Slot& slot : slots) {
    if (is_failure(slot)) {
      if (!last_good) last_good = slot.scheduled_at;
      failing = true;
    }
    if (!is_answer(slot)) continue;
    const WallTime at = answered_at(slot);
    if (failing) {
      length += at - *last_good;
      ++outages;
    }
    failing = false;
    last_good = at;
  }
  if (failing) {
    length += slots.back().scheduled_at - *last_good;
    ++outages;
  }
  if (outages == 0) return std::nullopt;
  // The clock is the same at both ends; what is not known is where between two slots each end lies.
  return Elapsed{length, city.interval * static_cast<int>(outages)};
}

// Of an answer that does not say whose it is nobody knows that it is another's.
bool is_another(const std::string& edge, const std::string& than) {
  return !edge.empty() && !than.empty() && edge != than;
}

Course course_of(const Recovery& recovery) {
  const bool stable = recovery.stable_since.has_value();
  const Tally& tally = recovery.tally;
  if (!stable) return tally.failed > 0 ? Course::kLost : Course::kUnknown;
  const bool other_edge = is_another(recovery.after.edge, recovery.before.edge);
  if (tally.failed > 0) return other_edge ? Course::kRerouted : Course::kInterrupted;
  if (other_edge) return Course::kMoved;
  return tally.no_data + tally.skipped > 0 ? Course::kUnknown : Course::kUnaffected;
}

}  // namespace

std::string_view to_string(Course course) {
  switch (course) {
    case Course::kUnaffected:
      return "unaffected";
    case Course::kMoved:
      return "moved";
    case Course::kInterrupted:
      return "interrupted";
    case Course::kRerouted:
      return "rerouted";
    case Course::kLost:
      return "lost";
    case Course::kUnknown:
      return "unknown";
  }
  return "unknown";
}

Recovery recovery_of(const CitySlots& city, const Moment& injected) {
  const Slots all = city.slots;
  const auto scheduled = [](const Slot& slot) { return slot.scheduled_at; };
  const auto begin_of_neither =
      std::ranges::lower_bound(all, injected.at - injected.error, {}, scheduled);
  const auto begin_of_after = std::ranges::lower_bound(all, injected.at, {}, scheduled);
  const Slots baseline(all.begin(), begin_of_neither);
  const Slots later(begin_of_after, all.end());

  Recovery recovery;
  recovery.before = level_of(baseline);
  recovery.tally = tally_of(later);
  if (!is_steady(baseline, recovery.before)) return recovery;

  const auto failure = std::ranges::find_if(later, is_failure);
  if (failure != later.end()) recovery.first_failure = moment(failure->scheduled_at, city);

  const auto stable = stable_from(later);
  if (stable != later.end()) {
    recovery.after = level_of(Slots(stable, later.end()));
    recovery.stable_since = moment(answered_at(*stable), city);
  }

  const auto is_other = [&](const Slot& slot) {
    return is_answer(slot) && is_another(slot.edge, recovery.before.edge);
  };
  const auto other = std::ranges::find_if(later, is_other);
  std::optional<WallTime> last_good;
  for (const Slot& slot : baseline) {
    if (is_answer(slot)) last_good = answered_at(slot);
  }
  if (other != later.end() || failure != later.end()) {
    std::optional<WallTime> last_old = last_good;
    for (const Slot& slot : Slots(later.begin(), other)) {
      if (is_answer(slot)) last_old = answered_at(slot);
    }
    if (last_old) recovery.last_old_answer = moment(*last_old, city);
  }
  if (is_another(recovery.after.edge, recovery.before.edge)) {
    const auto settled = std::ranges::find_if(later, [&](const Slot& slot) {
      return is_answer(slot) && slot.edge == recovery.after.edge;
    });
    recovery.first_new_answer = moment(answered_at(*settled), city);
    recovery.rerouted_after = Elapsed{answered_at(*settled) - injected.at,
                                      city.interval + city.clock_error + injected.error};
  }
  recovery.outage = outage_of(last_good, later, city);
  recovery.course = course_of(recovery);
  return recovery;
}

}  // namespace firstbyte::collector
