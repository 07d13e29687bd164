#include "collector/analysis/comparison.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>

#include "common/rating.h"

namespace firstbyte::collector {
namespace {

// What is known of the target there; what the agent itself failed at tells nothing of it.
const Measurement* measurement_of(const TestCity* city) {
  if (city == nullptr || !city->received) return nullptr;
  const Measurement& measurement = city->received->measurement;
  const bool agent_failed = measurement.failure && measurement.failure->origin == Origin::kAgent;
  return agent_failed ? nullptr : &measurement;
}

bool answered_well(const Measurement& measurement) { return rate(measurement) != Rating::kFailed; }

std::optional<bool> moved(const Measurement& before, const Measurement& after,
                          const EdgeRules& edges) {
  const std::optional<Edge> from = edges.find(before.headers);
  const std::optional<Edge> to = edges.find(after.headers);
  if (!from || !to) return std::nullopt;
  return from->name != to->name;
}

std::optional<Micros> less(const std::optional<Micros>& after,
                           const std::optional<Micros>& before) {
  if (!after || !before) return std::nullopt;
  return *after - *before;
}

TimingsDelta delta(const Timings& before, const Timings& after) {
  TimingsDelta delta;
  for (const Phase phase : kPhases) {
    delta.phases.at(static_cast<std::size_t>(phase)) =
        less(after.duration(phase), before.duration(phase));
  }
  delta.other = after.other() - before.other();
  delta.ttfb = less(after.ttfb(), before.ttfb());
  delta.total = after.total() - before.total();
  return delta;
}

Change change_of(const CityComparison& city) {
  if (city.before == nullptr) return Change::kAfterOnly;
  if (city.after == nullptr) return Change::kBeforeOnly;
  if (!is_terminal(city.before->state) || !is_terminal(city.after->state)) return Change::kPending;
  const Measurement* before = measurement_of(city.before);
  const Measurement* after = measurement_of(city.after);
  if (before == nullptr || after == nullptr) return Change::kNoData;
  const bool well = answered_well(*after);
  if (answered_well(*before) && !well) return Change::kFailed;
  if (city.moved.value_or(false)) return Change::kMoved;
  return well && !answered_well(*before) ? Change::kRecovered : Change::kUnchanged;
}

CityComparison compare_city(const TestCity* before, const TestCity* after, const EdgeRules& edges) {
  CityComparison city;
  city.before = before;
  city.after = after;
  const Measurement* then = measurement_of(before);
  const Measurement* now = measurement_of(after);
  if (then != nullptr && now != nullptr) {
    city.moved = moved(*then, *now, edges);
    city.delta = delta(then->timings, now->timings);
  }
  city.change = change_of(city);
  return city;
}

void count_status(const TestCity* city, std::map<std::optional<int>, std::size_t>& statuses) {
  if (const Measurement* measurement = measurement_of(city)) ++statuses[measurement->status];
}

const Headers* headers_of(const TestCity* city) {
  const Measurement* measurement = measurement_of(city);
  // A failure before the response says nothing of its headers.
  return measurement != nullptr && measurement->status ? &measurement->headers : nullptr;
}

AnswersOfCity answers_of(const CityComparison& city) {
  const TestCity& known = city.after != nullptr ? *city.after : *city.before;
  return {known.agent.id, headers_of(city.before), headers_of(city.after)};
}

// Within a change they keep their order.
std::vector<CityComparison> by_change(const std::vector<CityComparison>& cities) {
  std::vector<CityComparison> sorted;
  sorted.reserve(cities.size());
  for (const Change change : kChanges) {
    std::ranges::copy_if(cities, std::back_inserter(sorted),
                         [&](const CityComparison& city) { return city.change == change; });
  }
  return sorted;
}

}  // namespace

std::string_view to_string(Change change) {
  constexpr std::array<std::string_view, kChangeCount> kNames{
      "failed",  "moved",       "recovered",  "pending",
      "no_data", "before_only", "after_only", "unchanged"};
  return kNames.at(static_cast<std::size_t>(change));
}

std::size_t Comparison::count(Change change) const {
  return static_cast<std::size_t>(std::ranges::count(cities, change, &CityComparison::change));
}

std::size_t Comparison::moved() const {
  return static_cast<std::size_t>(
      std::ranges::count(cities, std::optional{true}, &CityComparison::moved));
}

Comparison compare(const Test& before, const Test& after, const EdgeRules& edges) {
  std::map<std::string_view, const TestCity*> earlier;
  for (const TestCity& city : before.cities) earlier.emplace(city.agent.id, &city);

  Comparison comparison;
  comparison.same_target = before.target == after.target;
  for (const TestCity& city : after.cities) {
    const auto found = earlier.extract(city.agent.id);
    comparison.cities.push_back(compare_city(found ? found.mapped() : nullptr, &city, edges));
  }
  for (const TestCity& city : before.cities) {
    if (earlier.contains(city.agent.id))
      comparison.cities.push_back(compare_city(&city, nullptr, edges));
  }
  comparison.cities = by_change(comparison.cities);

  std::vector<AnswersOfCity> answers;
  for (const CityComparison& city : comparison.cities) {
    answers.push_back(answers_of(city));
    count_status(city.before, comparison.statuses_before);
    count_status(city.after, comparison.statuses_after);
  }
  comparison.header_changes = compare_headers(answers, edges);
  comparison.header_differences = header_differences(answers, edges);
  return comparison;
}

}  // namespace firstbyte::collector
