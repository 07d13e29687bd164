#include "collector/api/test_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>

#include "common/measurement_json.h"
#include "common/target_json.h"

namespace firstbyte::collector {
namespace {

namespace json = boost::json;

json::value time_of(const std::optional<WallTime>& time) {
  return time ? json::value(json_text(format_rfc3339(*time))) : json::value(nullptr);
}

json::object agent_object(const AgentIdentity& agent) {
  return {{"id", json_text(agent.id)},
          {"city", json_text(agent.city)},
          {"country", json_text(agent.country)},
          {"region", json_text(agent.region)},
          {"latitude", agent.latitude},
          {"longitude", agent.longitude},
          {"asn", agent.asn ? json::value(*agent.asn) : json::value(nullptr)}};
}

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

json::value result_value(const TestCity& city) {
  if (!is_terminal(city.state)) return nullptr;
  const std::optional<ClockOffset> clock =
      city.received ? city.received->clock : std::optional<ClockOffset>{};
  json::object result;
  result["agent"] = agent_object(city.agent);
  result["state"] = json_text(to_string(city.state));
  // Where the redirects ended.
  result["url"] = city.received ? json::value(json_text(city.received->measurement.url)) : nullptr;
  put_measurement(result, city.received ? &city.received->measurement : nullptr, failure_of(city));
  result["received_at"] =
      city.received ? json::value(json_text(format_rfc3339(city.received->received_at))) : nullptr;
  result["clock_offset_us"] = clock ? json::value(clock->offset.count()) : nullptr;
  result["clock_error_us"] = clock ? json::value(clock->error.count()) : nullptr;
  return result;
}

enum class Describe : bool { kNo, kAgent };

json::object city_object(const TestCity& city, Describe describe) {
  json::object object;
  object["agent_id"] = json_text(city.agent.id);
  if (describe == Describe::kAgent) object["agent"] = agent_object(city.agent);
  object["state"] = json_text(to_string(city.state));
  object["elapsed_us"] = city.elapsed.count();
  object["result"] = result_value(city);
  return object;
}

}  // namespace

std::string test_json(const Test& test) {
  json::array cities;
  for (const TestCity& city : test.cities) cities.push_back(city_object(city, Describe::kAgent));
  return json::serialize(json::object{{"id", json_text(test.id)},
                                      {"url", json_text(test.target.url)},
                                      {"target", target_value(test.target)},
                                      {"state", is_finished(test) ? "finished" : "running"},
                                      {"created_at", json_text(format_rfc3339(test.created_at))},
                                      {"deadline_at", json_text(format_rfc3339(test.deadline_at))},
                                      {"cities", std::move(cities)}});
}

std::string city_json(const TestCity& city) {
  return json::serialize(city_object(city, Describe::kNo));
}

std::string done_json(const Test& test) {
  json::object object{{"id", json_text(test.id)}};
  for (const CityState state :
       {CityState::kFinished, CityState::kFailed, CityState::kOffline, CityState::kTimedOut}) {
    object[json_text(to_string(state))] = std::ranges::count(test.cities, state, &TestCity::state);
  }
  return json::serialize(object);
}

std::string agents_json(const std::vector<AgentRecord>& records,
                        const std::vector<ConnectedAgent>& connected) {
  std::map<std::string_view, const ConnectedAgent*> online;
  for (const ConnectedAgent& agent : connected) online[agent.identity.id] = &agent;
  json::array agents;
  for (const AgentRecord& record : records) {
    const auto found = online.find(record.identity.id);
    const ConnectedAgent* live = found == online.end() ? nullptr : found->second;
    const std::optional<ClockOffset> clock =
        live != nullptr ? live->link->clock_offset() : std::nullopt;
    json::object object;
    object["agent"] = agent_object(live != nullptr ? live->identity : record.identity);
    object["state"] = live != nullptr ? "connected" : "offline";
    object["version"] = json_text(live != nullptr ? live->version : record.version);
    object["connected_since"] =
        live != nullptr ? json::value(json_text(format_rfc3339(live->connected_since))) : nullptr;
    object["last_seen_at"] = json_text(format_rfc3339(record.last_seen_at));
    object["last_result_at"] = time_of(record.last_result_at);
    object["clock_offset_us"] = clock ? json::value(clock->offset.count()) : nullptr;
    object["clock_error_us"] = clock ? json::value(clock->error.count()) : nullptr;
    agents.push_back(std::move(object));
  }
  return json::serialize(json::object{{"agents", std::move(agents)}});
}

}  // namespace firstbyte::collector
