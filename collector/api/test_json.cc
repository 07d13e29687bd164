#include "collector/api/test_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <map>

#include "collector/analysis/rating.h"
#include "common/edge.h"

namespace firstbyte::collector {
namespace {

namespace json = boost::json;

json::string text(std::string_view value) { return json::string(value.data(), value.size()); }

json::value micros(const std::optional<Micros>& duration) {
  return duration ? json::value(duration->count()) : json::value(nullptr);
}

json::value time_of(const std::optional<WallTime>& time) {
  return time ? json::value(text(format_rfc3339(*time))) : json::value(nullptr);
}

json::value text_or_null(std::string_view value) {
  return value.empty() ? json::value(nullptr) : json::value(text(value));
}

json::object agent_object(const AgentIdentity& agent) {
  return {{"id", text(agent.id)},
          {"city", text(agent.city)},
          {"country", text(agent.country)},
          {"region", text(agent.region)},
          {"latitude", agent.latitude},
          {"longitude", agent.longitude},
          {"asn", agent.asn ? json::value(*agent.asn) : json::value(nullptr)}};
}

// Of nothing measured every number is null, the total too.
json::object timings_object(const Measurement* measurement) {
  const Timings timings = measurement != nullptr ? measurement->timings : Timings{};
  json::object object;
  for (const Phase phase : kPhases) {
    object[fmt::format("{}_us", to_string(phase))] = micros(timings.duration(phase));
  }
  object["other_us"] = measurement != nullptr ? micros(timings.other()) : nullptr;
  object["ttfb_us"] = micros(timings.ttfb());
  object["total_us"] = measurement != nullptr ? micros(timings.total()) : nullptr;
  for (const Phase phase : kPhases) {
    const auto& span = timings.span(phase);
    object[fmt::format("{}_since_start_us", to_string(phase))] =
        span ? json::value(span->end.count()) : json::value(nullptr);
  }
  return object;
}

json::value dns_value(const std::optional<DnsAnswer>& dns) {
  if (!dns) return nullptr;
  json::array addresses;
  for (const ResolvedAddress& resolved : dns->addresses) {
    addresses.push_back(
        json::object{{"address", text(resolved.address)}, {"ttl_s", resolved.ttl.count()}});
  }
  json::array cnames;
  for (const std::string& cname : dns->cnames) cnames.push_back(text(cname));
  return json::object{{"resolver", text_or_null(dns->resolver)},
                      {"addresses", std::move(addresses)},
                      {"cnames", std::move(cnames)}};
}

json::value tls_value(const std::optional<TlsFacts>& tls) {
  if (!tls) return nullptr;
  return json::object{
      {"version", text(tls->version)},
      {"cipher", text(tls->cipher)},
      {"subject", text(tls->subject)},
      {"issuer", text(tls->issuer)},
      {"not_after", tls->not_after ? json::value(text(format_rfc3339(*tls->not_after, false)))
                                   : json::value(nullptr)}};
}

json::value failure_value(const std::optional<Failure>& failure) {
  if (!failure) return nullptr;
  return json::object{
      {"phase", failure->phase ? json::value(text(to_string(*failure->phase))) : nullptr},
      {"origin", text(to_string(failure->origin))},
      {"cause", text(to_string(failure->cause))},
      {"message", text(failure->message)}};
}

json::array headers_array(const Headers& headers) {
  json::array array;
  for (const auto& [name, value] : headers) {
    array.push_back(json::array{text(name), text(value)});
  }
  return array;
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

void put_endpoint(json::object& object, std::string_view name,
                  const std::optional<Endpoint>& endpoint) {
  object[fmt::format("{}_ip", name)] = endpoint ? json::value(text(endpoint->ip)) : nullptr;
  object[fmt::format("{}_port", name)] = endpoint ? json::value(endpoint->port) : nullptr;
}

json::value result_value(const TestCity& city) {
  if (!is_terminal(city.state)) return nullptr;
  static const Measurement kNothing;
  const Measurement* measured = city.received ? &city.received->measurement : nullptr;
  const Measurement& measurement = measured != nullptr ? *measured : kNothing;
  const std::optional<Edge> edge = find_edge(measurement.headers);
  const std::optional<ClockOffset> clock =
      city.received ? city.received->clock : std::optional<ClockOffset>{};

  json::object result;
  result["agent"] = agent_object(city.agent);
  result["state"] = text(to_string(city.state));
  result["timings"] = timings_object(measured);
  // Nothing measured is not "failed": it is not known.
  result["rating"] =
      measured != nullptr ? json::value(text(to_string(rate(measurement)))) : nullptr;
  result["status"] = measurement.status ? json::value(*measurement.status) : nullptr;
  result["http_version"] = text_or_null(measurement.http_version);
  put_endpoint(result, "remote", measurement.remote);
  put_endpoint(result, "local", measurement.local);
  result["edge"] = edge ? json::value(text(edge->name)) : nullptr;
  result["edge_header"] = edge ? json::value(text(edge->header)) : nullptr;
  result["headers"] = headers_array(measurement.headers);
  result["headers_truncated"] = measurement.headers_truncated;
  result["dns"] = dns_value(measurement.dns);
  result["tls"] = tls_value(measurement.tls);
  result["failure"] = failure_value(failure_of(city));
  result["measured_at"] =
      measured != nullptr ? json::value(text(format_rfc3339(measurement.measured_at))) : nullptr;
  result["received_at"] =
      city.received ? json::value(text(format_rfc3339(city.received->received_at))) : nullptr;
  result["clock_offset_us"] = clock ? json::value(clock->offset.count()) : nullptr;
  result["clock_error_us"] = clock ? json::value(clock->error.count()) : nullptr;
  return result;
}

enum class Describe : bool { kNo, kAgent };

json::object city_object(const TestCity& city, Describe describe) {
  json::object object;
  object["agent_id"] = text(city.agent.id);
  if (describe == Describe::kAgent) object["agent"] = agent_object(city.agent);
  object["state"] = text(to_string(city.state));
  object["elapsed_us"] = city.elapsed.count();
  object["result"] = result_value(city);
  return object;
}

}  // namespace

std::string test_json(const Test& test) {
  json::array cities;
  for (const TestCity& city : test.cities) cities.push_back(city_object(city, Describe::kAgent));
  return json::serialize(json::object{{"id", text(test.id)},
                                      {"url", text(test.url)},
                                      {"state", is_finished(test) ? "finished" : "running"},
                                      {"created_at", text(format_rfc3339(test.created_at))},
                                      {"deadline_at", text(format_rfc3339(test.deadline_at))},
                                      {"cities", std::move(cities)}});
}

std::string city_json(const TestCity& city) {
  return json::serialize(city_object(city, Describe::kNo));
}

std::string done_json(const Test& test) {
  json::object object{{"id", text(test.id)}};
  for (const CityState state :
       {CityState::kFinished, CityState::kFailed, CityState::kOffline, CityState::kTimedOut}) {
    object[text(to_string(state))] = std::ranges::count(test.cities, state, &TestCity::state);
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
    object["version"] = text(live != nullptr ? live->version : record.version);
    object["connected_since"] =
        live != nullptr ? json::value(text(format_rfc3339(live->connected_since))) : nullptr;
    object["last_seen_at"] = text(format_rfc3339(record.last_seen_at));
    object["last_result_at"] = time_of(record.last_result_at);
    object["clock_offset_us"] = clock ? json::value(clock->offset.count()) : nullptr;
    object["clock_error_us"] = clock ? json::value(clock->error.count()) : nullptr;
    agents.push_back(std::move(object));
  }
  return json::serialize(json::object{{"agents", std::move(agents)}});
}

}  // namespace firstbyte::collector
