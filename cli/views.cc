#include "cli/views.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <utility>

#include "cli/collector_address.h"
#include "cli/json_parts.h"

namespace firstbyte::cli {
namespace {

namespace json = boost::json;

std::unexpected<Error> not_said(std::string_view what) {
  return invalid("--collector", fmt::format("what it answered is no {}", what));
}

TimesView read_times(const json::object& times) {
  TimesView view;
  for (const Phase phase : kPhases) {
    view.phases.at(static_cast<std::size_t>(phase)) =
        micros_of(times, fmt::format("{}_us", to_string(phase)));
  }
  view.other = micros_of(times, "other_us");
  view.ttfb = micros_of(times, "ttfb_us");
  return view;
}

ResultView read_result(const json::object& result) {
  ResultView view{.times = read_times(object_of(result, "timings")),
                  .rating = text_of(result, "rating"),
                  .status = {},
                  .edge = text_of(result, "edge"),
                  .failure = {}};
  if (const auto status = number_of(result, "status")) view.status = static_cast<int>(*status);
  const json::object& failure = object_of(result, "failure");
  if (!failure.empty()) {
    view.failure = FailureView{text_of(failure, "phase"), text_of(failure, "origin"),
                               text_of(failure, "cause"), text_of(failure, "message")};
  }
  return view;
}

// Absent for null; the Error when it is something else that is no city.
Expected<std::optional<CityView>> read_side(const json::object& compared, std::string_view side) {
  const json::object& city = object_of(compared, side);
  if (city.empty()) return std::nullopt;
  Expected<CityView> view = read_city(city);
  if (!view) return std::unexpected(view.error());
  return *std::move(view);
}

}  // namespace

Outcome outcome_of(const CityView& city) {
  if (!is_terminal(city.state)) return Outcome::kRunning;
  if (!city.result || city.state == CityState::kOffline || city.state == CityState::kTimedOut) {
    return Outcome::kNoData;
  }
  const auto& failure = city.result->failure;
  if (failure && failure->origin == to_string(Origin::kAgent)) return Outcome::kNoData;
  return failure || city.result->rating == "failed" ? Outcome::kFailed : Outcome::kAnswered;
}

Expected<CityView> read_city(const json::object& city) {
  const auto state = city_state_from_string(text_of(city, "state"));
  CityView view{.agent_id = text_of(city, "agent_id"),
                .city = text_of(object_of(city, "agent"), "city"),
                .state = state.value_or(CityState::kDispatched),
                .result = {}};
  if (!state || view.agent_id.empty()) return not_said("city of a test");
  const json::object& result = object_of(city, "result");
  if (!result.empty()) view.result = read_result(result);
  return view;
}

Expected<TestView> read_test(const json::object& test) {
  TestView view{.id = text_of(test, "id"), .url = text_of(test, "url"), .cities = {}};
  if (!is_test_id(view.id)) return not_said("test");
  for (const json::value& city : array_of(test, "cities")) {
    if (!city.is_object()) return not_said("test");
    Expected<CityView> read = read_city(city.get_object());
    if (!read) return std::unexpected(read.error());
    view.cities.push_back(*std::move(read));
  }
  return view;
}

Expected<ComparisonView> read_comparison(const json::object& comparison) {
  ComparisonView view{.before_id = text_of(object_of(comparison, "before"), "id"),
                      .after_id = text_of(object_of(comparison, "after"), "id"),
                      .same_target = truth_of(comparison, "same_target").value_or(true),
                      .cities = {}};
  if (view.before_id.empty() || view.after_id.empty()) return not_said("comparison");
  for (const json::value& value : array_of(comparison, "cities")) {
    if (!value.is_object()) return not_said("comparison");
    const json::object& city = value.get_object();
    auto before = read_side(city, "before");
    auto after = read_side(city, "after");
    if (!before) return std::unexpected(before.error());
    if (!after) return std::unexpected(after.error());
    if (!*before && !*after) return not_said("comparison");
    view.cities.push_back({.city = *after ? (*after)->city : (*before)->city,
                           .change = text_of(city, "change"),
                           .moved = truth_of(city, "moved"),
                           .delta = read_times(object_of(city, "delta")),
                           .before = *std::move(before),
                           .after = *std::move(after)});
  }
  return view;
}

Expected<std::vector<AgentView>> read_agents(const json::object& agents) {
  if (!agents.contains("agents")) return not_said("list of agents");
  std::vector<AgentView> views;
  for (const json::value& value : array_of(agents, "agents")) {
    if (!value.is_object()) return not_said("list of agents");
    const json::object& status = value.get_object();
    const json::object& agent = object_of(status, "agent");
    AgentView view{.id = text_of(agent, "id"),
                   .city = text_of(agent, "city"),
                   .state = text_of(status, "state"),
                   .version = text_of(status, "version"),
                   .capabilities = {},
                   .last_seen_at = text_of(status, "last_seen_at"),
                   .clock_offset = micros_of(status, "clock_offset_us"),
                   .clock_error = micros_of(status, "clock_error_us"),
                   .lost_results = number_of(status, "lost_results").value_or(0)};
    for (const json::value& name : array_of(status, "capabilities")) {
      if (name.is_string()) view.capabilities.emplace_back(name.get_string());
    }
    views.push_back(std::move(view));
  }
  return views;
}

}  // namespace firstbyte::cli
