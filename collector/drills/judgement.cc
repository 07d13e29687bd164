#include "collector/drills/judgement.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace firstbyte::collector {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

using Cities = std::vector<const DrilledCity*>;

bool satisfies(double value, const Hypothesis& hypothesis) {
  switch (hypothesis.relation) {
    case Relation::kAtLeast:
      return value >= hypothesis.bound;
    case Relation::kAtMost:
      return value <= hypothesis.bound;
    case Relation::kMoreThan:
      return value > hypothesis.bound;
    case Relation::kLessThan:
      return value < hypothesis.bound;
    case Relation::kEquals:
      return value == hypothesis.bound;
  }
  return false;
}

Judgement judged(const Hypothesis& hypothesis, const Reading& reading) {
  const bool least = satisfies(reading.least, hypothesis);
  const bool most = satisfies(reading.most, hypothesis);
  if (hypothesis.relation == Relation::kEquals && reading.least != reading.most) {
    const bool possible = reading.least <= hypothesis.bound && hypothesis.bound <= reading.most;
    return {possible ? Verdict::kNotMeasured : Verdict::kBroken, reading};
  }
  if (least != most) return {Verdict::kNotMeasured, reading};
  return {least ? Verdict::kHolds : Verdict::kBroken, reading};
}

// What was not seen: neither an answer nor a failure.
std::size_t unseen(const Tally& tally) { return tally.no_data + tally.skipped; }

std::optional<Reading> availability(const Cities& cities) {
  double answered = 0;
  double seen = 0;
  double expected = 0;
  for (const DrilledCity* city : cities) {
    const Tally& tally = city->recovery.tally;
    answered += static_cast<double>(tally.answered);
    seen += static_cast<double>(tally.answered + tally.failed);
    expected += static_cast<double>(tally.expected);
  }
  if (seen == 0) return std::nullopt;
  return Reading{100 * answered / expected, 100 * answered / seen};
}

// Nearest rank. A failure is slower than every answer.
double percentile(std::vector<double> values, double percent) {
  const auto rank = std::max(1.0, std::ceil(percent / 100 * static_cast<double>(values.size())));
  const auto nth = values.begin() + static_cast<std::ptrdiff_t>(rank) - 1;
  std::ranges::nth_element(values, nth);
  return *nth;
}

std::optional<Reading> ttfb(const Cities& cities, double percent, const Moment& injected) {
  std::vector<double> seen;
  std::size_t missing = 0;
  for (const DrilledCity* city : cities) {
    for (const Slot& slot : city->slots->slots) {
      if (slot.scheduled_at < injected.at) continue;
      if (slot.outcome == SlotOutcome::kAnswered && slot.ttfb) {
        seen.push_back(static_cast<double>(slot.ttfb->count()));
      } else if (slot.outcome == SlotOutcome::kFailed) {
        seen.push_back(kNever);
      } else {
        ++missing;
      }
    }
  }
  if (seen.empty()) return std::nullopt;
  const double least = percentile(seen, percent);
  seen.insert(seen.end(), missing, kNever);
  return Reading{least, percentile(std::move(seen), percent)};
}

// Where the true length lies. A bound within that was not measured to either side.
Reading reading_of(const Elapsed& elapsed) {
  const auto length = static_cast<double>(elapsed.length.count());
  const auto error = static_cast<double>(elapsed.error.count());
  return {std::max(0.0, length - error), length + error};
}

std::optional<Reading> longest(std::optional<Reading> one, const Reading& other) {
  if (!one) return other;
  return Reading{std::max(one->least, other.least), std::max(one->most, other.most)};
}

std::optional<Reading> reroute(const Cities& cities) {
  std::optional<Reading> slowest;
  for (const DrilledCity* city : cities) {
    const Recovery& recovery = city->recovery;
    if (recovery.course == Course::kLost) slowest = longest(slowest, {kNever, kNever});
    if (recovery.rerouted_after) slowest = longest(slowest, reading_of(*recovery.rerouted_after));
  }
  return slowest;
}

std::optional<Reading> outage(const Cities& cities) {
  std::optional<Reading> longest_one;
  for (const DrilledCity* city : cities) {
    const Recovery& recovery = city->recovery;
    if (recovery.tally.expected == 0) continue;
    if (recovery.course == Course::kLost) {
      longest_one = longest(longest_one, {kNever, kNever});
    } else if (recovery.outage) {
      longest_one = longest(longest_one, reading_of(*recovery.outage));
    } else if (unseen(recovery.tally) == 0) {
      longest_one = longest(longest_one, {0, 0});
    } else {
      // It may have been down for as long as nothing was seen of it.
      longest_one =
          longest(longest_one, {0, static_cast<double>(unseen(recovery.tally)) *
                                       static_cast<double>(city->slots->interval.count())});
    }
  }
  return longest_one;
}

std::optional<Reading> failed_probes(const Cities& cities) {
  Reading reading;
  for (const DrilledCity* city : cities) {
    const Tally& tally = city->recovery.tally;
    reading.least += static_cast<double>(tally.failed);
    reading.most += static_cast<double>(tally.failed + unseen(tally));
  }
  return reading;
}

// Those of a course, and at most those of which it is not known.
template <typename Counts>
Reading cities_that(const Cities& cities, Counts counts) {
  Reading reading;
  for (const DrilledCity* city : cities) {
    const Course course = city->recovery.course;
    if (counts(course)) reading.least += 1;
    if (counts(course) || course == Course::kUnknown) reading.most += 1;
  }
  return reading;
}

bool has_moved(Course course) { return course == Course::kMoved || course == Course::kRerouted; }

Judgement moved_to(const Hypothesis& hypothesis, const Cities& cities) {
  if (cities.empty()) return {};
  const Recovery& recovery = cities.front()->recovery;
  if (recovery.course == Course::kUnknown) return {};
  const bool holds =
      has_moved(recovery.course) && std::ranges::count(hypothesis.edges, recovery.after.edge) > 0;
  return {holds ? Verdict::kHolds : Verdict::kBroken, std::nullopt};
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::kHolds:
      return "holds";
    case Verdict::kBroken:
      return "broken";
    case Verdict::kNotMeasured:
      return "not_measured";
  }
  return "not_measured";
}

Judgement judge(const Hypothesis& hypothesis, const std::vector<DrilledCity>& cities,
                const Moment& injected) {
  Cities meant;
  for (const DrilledCity& city : cities) {
    if (hypothesis.city.empty() || city.slots->agent_id == hypothesis.city) meant.push_back(&city);
  }
  std::optional<Reading> reading;
  switch (hypothesis.metric) {
    case Metric::kAvailability:
      reading = availability(meant);
      break;
    case Metric::kTtfb:
      reading = ttfb(meant, hypothesis.percentile, injected);
      break;
    case Metric::kReroute:
      reading = reroute(meant);
      break;
    case Metric::kOutage:
      reading = outage(meant);
      break;
    case Metric::kFailedProbes:
      if (!meant.empty()) reading = failed_probes(meant);
      break;
    case Metric::kMovedCities:
      reading = cities_that(meant, has_moved);
      break;
    case Metric::kUnaffectedCities:
      reading = cities_that(meant, [](Course course) { return course == Course::kUnaffected; });
      break;
    case Metric::kMovedTo:
      return moved_to(hypothesis, meant);
  }
  if (!reading) return {};
  return judged(hypothesis, *reading);
}

Verdict overall(const std::vector<Judgement>& judgements) {
  const auto any = [&](Verdict verdict) {
    return std::ranges::count(judgements, verdict, &Judgement::verdict) > 0;
  };
  if (any(Verdict::kBroken)) return Verdict::kBroken;
  return any(Verdict::kNotMeasured) ? Verdict::kNotMeasured : Verdict::kHolds;
}

}  // namespace firstbyte::collector
