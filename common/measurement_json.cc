#include "common/measurement_json.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <string>

#include "common/rating.h"

namespace firstbyte {
namespace {

namespace json = boost::json;

json::value micros(const std::optional<Micros>& duration) {
  return duration ? json::value(duration->count()) : json::value(nullptr);
}

json::value text_or_null(std::string_view value) {
  return value.empty() ? json::value(nullptr) : json::value(json_text(value));
}

json::value clock_value(const std::optional<Span>& span) {
  if (!span) return nullptr;
  return span->clock == Span::Clock::kKernel ? "kernel" : "agent";
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
  for (const Phase phase : kPhases) {
    object[fmt::format("{}_own_us", to_string(phase))] =
        micros(timings.span(phase).transform([](const Span& span) { return span.own; }));
  }
  for (const Phase phase : kPhases) {
    object[fmt::format("{}_clock", to_string(phase))] = clock_value(timings.span(phase));
  }
  for (const Phase phase : kPhases) {
    object[fmt::format("other_before_{}_us", to_string(phase))] =
        micros(timings.other_before(phase));
  }
  object["other_within_us"] = measurement != nullptr ? micros(timings.other_within()) : nullptr;
  object["other_after_us"] = measurement != nullptr ? micros(timings.other_after()) : nullptr;
  return object;
}

json::value tcp_value(const std::optional<TcpConnection>& tcp) {
  if (!tcp) return nullptr;
  return json::object{{"rtt_us", tcp->rtt.count()},
                      {"min_rtt_us", micros(tcp->min_rtt)},
                      {"retransmits", tcp->retransmits},
                      {"congestion_control", text_or_null(tcp->congestion_control)}};
}

json::value dns_value(const std::optional<DnsAnswer>& dns) {
  if (!dns) return nullptr;
  json::array addresses;
  for (const ResolvedAddress& resolved : dns->addresses) {
    addresses.push_back(
        json::object{{"address", json_text(resolved.address)}, {"ttl_s", resolved.ttl.count()}});
  }
  json::array cnames;
  for (const std::string& cname : dns->cnames) cnames.push_back(json_text(cname));
  return json::object{
      {"resolver", text_or_null(dns->resolver)},
      {"addresses", std::move(addresses)},
      {"cnames", std::move(cnames)},
      {"omitted", dns->omitted},
      {"transport", dns->over_tcp ? json::value(*dns->over_tcp ? "tcp" : "udp") : nullptr}};
}

json::value tls_value(const std::optional<TlsFacts>& tls) {
  if (!tls) return nullptr;
  return json::object{
      {"version", json_text(tls->version)},
      {"cipher", json_text(tls->cipher)},
      {"subject", json_text(tls->subject)},
      {"issuer", json_text(tls->issuer)},
      {"not_after", tls->not_after ? json::value(json_text(format_rfc3339(*tls->not_after, false)))
                                   : json::value(nullptr)},
      {"resumed", tls->resumed}};
}

json::value failure_value(const std::optional<Failure>& failure) {
  if (!failure) return nullptr;
  return json::object{
      {"phase", failure->phase ? json::value(json_text(to_string(*failure->phase))) : nullptr},
      {"origin", json_text(to_string(failure->origin))},
      {"cause", json_text(to_string(failure->cause))},
      {"message", json_text(failure->message)},
      {"tls_alert", failure->tls_alert ? json::value(*failure->tls_alert) : nullptr}};
}

json::value control_value(const std::optional<ControlCheck>& control) {
  if (!control) return nullptr;
  return json::object{
      {"url", json_text(control->url)},
      {"measured_at", json_text(format_rfc3339(control->measured_at))},
      {"ttfb_us", micros(control->ttfb)},
      {"cause", control->cause ? json::value(json_text(to_string(*control->cause))) : nullptr}};
}

json::value self_check_value(const std::optional<SelfCheck>& self_check) {
  if (!self_check) return nullptr;
  return json::object{{"loop_lag_us", self_check->loop_lag.count()},
                      {"overloaded", self_check->overloaded},
                      {"clock_stepped", self_check->clock_stepped},
                      {"control", control_value(self_check->control)}};
}

json::array parts_array(const std::vector<Measurement>& parts, const EdgeRules& edges) {
  json::array array;
  for (const Measurement& part : parts) {
    json::object object{{"url", json_text(part.url)}};
    put_measurement(object, &part, part.failure, edges);
    array.push_back(std::move(object));
  }
  return array;
}

json::array headers_array(const Headers& headers) {
  json::array array;
  for (const auto& [name, value] : headers) {
    array.push_back(json::array{json_text(name), json_text(value)});
  }
  return array;
}

void put_edge(json::object& object, const std::optional<Edge>& edge) {
  object["edge"] = edge ? json::value(json_text(edge->name)) : nullptr;
  object["edge_header"] = edge ? json::value(json_text(edge->header)) : nullptr;
  object["edge_rule"] = edge ? json::value(json_text(edge->rule)) : nullptr;
  json::value& location = object["edge_location"] = nullptr;
  if (edge && edge->location) put_location(location.emplace_object(), *edge->location);
}

void put_endpoint(json::object& object, std::string_view name,
                  const std::optional<Endpoint>& endpoint) {
  object[fmt::format("{}_ip", name)] = endpoint ? json::value(json_text(endpoint->ip)) : nullptr;
  object[fmt::format("{}_port", name)] = endpoint ? json::value(endpoint->port) : nullptr;
}

}  // namespace

json::string json_text(std::string_view text) { return json::string(text.data(), text.size()); }

void put_location(json::object& object, const EdgeLocation& location) {
  object["city"] = json_text(location.city);
  object["country"] = json_text(location.country);
  object["latitude"] = location.latitude;
  object["longitude"] = location.longitude;
}

void put_measurement(json::object& result, const Measurement* measured,
                     const std::optional<Failure>& failure, const EdgeRules& edges) {
  static const Measurement kNothing;
  const Measurement& measurement = measured != nullptr ? *measured : kNothing;

  result["timings"] = timings_object(measured);
  // Nothing measured is not "failed": it is not known.
  result["rating"] =
      measured != nullptr ? json::value(json_text(to_string(rate(measurement)))) : nullptr;
  result["status"] = measurement.status ? json::value(*measurement.status) : nullptr;
  result["http_version"] = text_or_null(measurement.http_version);
  put_endpoint(result, "remote", measurement.remote);
  put_endpoint(result, "local", measurement.local);
  put_edge(result, edges.find(measurement.headers));
  result["headers"] = headers_array(measurement.headers);
  result["headers_truncated"] = measurement.headers_truncated;
  result["body_bytes"] = measurement.body_bytes ? json::value(*measurement.body_bytes) : nullptr;
  result["body_truncated"] = measurement.body_truncated;
  result["dns"] = dns_value(measurement.dns);
  result["tls"] = tls_value(measurement.tls);
  result["tcp"] = tcp_value(measurement.tcp);
  result["failure"] = failure_value(failure);
  result["family"] =
      measured != nullptr ? json::value(json_text(to_string(measurement.family))) : nullptr;
  result["reuse"] =
      measured != nullptr ? json::value(json_text(to_string(measurement.reuse))) : nullptr;
  result["self_check"] = self_check_value(measurement.self_check);
  result["redirects"] = parts_array(measurement.redirects, edges);
  result["samples"] = parts_array(measurement.samples, edges);
  result["measured_at"] = measured != nullptr
                              ? json::value(json_text(format_rfc3339(measurement.measured_at)))
                              : nullptr;
}

}  // namespace firstbyte
