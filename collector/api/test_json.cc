#include "collector/api/test_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "collector/api/json_parts.h"
#include "common/measurement_json.h"
#include "common/target_json.h"

namespace firstbyte::collector {
namespace {

namespace json = boost::json;

// A city that ended without a measurement says why in the same form as a failed probe.
std::optional<Failure> failure_of(const TestCity& city) {
  if (city.received) return city.received->measurement.failure;
  if (city.state == CityState::kOffline) {
    return Failure{std::nullopt, Origin::kAgent, Cause::kOffline,
                   fmt::format("the agent in {} {}", city.agent.city,
                               city.elapsed == Micros{0} ? "was not connected"
                                                         : "lost its connection during the test")};
  }
  return Failure{std::nullopt, Origin::kAgent, Cause::kDeadline,
                 fmt::format("no result from {} before the deadline", city.agent.city)};
}

// What a city's result and a late one have in common; where there is no measurement, why.
json::object result_object(const AgentIdentity& agent, CityState state,
                           const std::optional<ReceivedMeasurement>& received,
                           const std::optional<Failure>& failure, const EdgeRules& edges) {
  const std::optional<ClockOffset> clock =
      received ? received->clock : std::optional<ClockOffset>{};
  json::object result;
  result["agent"] = agent_object(agent);
  result["state"] = json_text(to_string(state));
  // Where the redirects ended.
  result["url"] = received ? json::value(json_text(received->measurement.url)) : nullptr;
  put_measurement(result, received ? &received->measurement : nullptr, failure, edges);
  result["corrected_at"] = received ? time_value(received->corrected_at()) : nullptr;
  result["received_at"] = received ? time_value(received->received_at) : nullptr;
  result["clock_offset_us"] = clock ? json::value(clock->offset.count()) : nullptr;
  result["clock_error_us"] = clock ? json::value(clock->error.count()) : nullptr;
  return result;
}

json::value result_value(const TestCity& city, const EdgeRules& edges) {
  if (!is_terminal(city.state)) return nullptr;
  return result_object(city.agent, city.state, city.received, failure_of(city), edges);
}

json::value late_value(const TestCity& city, const EdgeRules& edges) {
  if (!city.late) return nullptr;
  const std::optional<Failure>& failure = city.late->measurement.failure;
  return result_object(city.agent, failure ? CityState::kFailed : CityState::kFinished, city.late,
                       failure, edges);
}

enum class Describe : bool { kNo, kAgent };

json::object city_object(const TestCity& city, Describe describe, const EdgeRules& edges) {
  json::object object;
  object["agent_id"] = json_text(city.agent.id);
  if (describe == Describe::kAgent) object["agent"] = agent_object(city.agent);
  object["state"] = json_text(to_string(city.state));
  object["elapsed_us"] = city.elapsed.count();
  object["result"] = result_value(city, edges);
  object["late"] = late_value(city, edges);
  return object;
}

}  // namespace

std::string test_json(const Test& test, const EdgeRules& edges) {
  json::array cities;
  for (const TestCity& city : test.cities) cities.push_back(city_object(city, edges));
  return json::serialize(json::object{{"id", json_text(test.id)},
                                      {"url", json_text(test.target.url)},
                                      {"target", target_value(test.target)},
                                      {"state", is_finished(test) ? "finished" : "running"},
                                      {"created_at", json_text(format_rfc3339(test.created_at))},
                                      {"deadline_at", json_text(format_rfc3339(test.deadline_at))},
                                      {"cities", std::move(cities)}});
}

json::object city_object(const TestCity& city, const EdgeRules& edges) {
  return city_object(city, Describe::kAgent, edges);
}

std::string city_json(const TestCity& city, const EdgeRules& edges) {
  return json::serialize(city_object(city, Describe::kNo, edges));
}

std::string done_json(const Test& test) {
  json::object object{{"id", json_text(test.id)}};
  for (const CityState state :
       {CityState::kFinished, CityState::kFailed, CityState::kOffline, CityState::kTimedOut}) {
    object[json_text(to_string(state))] = std::ranges::count(test.cities, state, &TestCity::state);
  }
  return json::serialize(object);
}

}  // namespace firstbyte::collector
