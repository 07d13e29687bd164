#include "collector/store/part_json.h"

#include "common/measurement_json.h"

namespace firstbyte::collector {
namespace {

namespace json = boost::json;

json::object phases_object(const Timings& timings) {
  json::object phases;
  for (const Phase phase : kPhases) {
    const std::optional<Span>& span = timings.span(phase);
    if (!span) continue;
    phases[json_text(to_string(phase))] = {{"begin_us", span->begin.count()},
                                           {"end_us", span->end.count()},
                                           {"own_us", span->own.count()},
                                           {"by_kernel", span->clock == Span::Clock::kKernel}};
  }
  return phases;
}

json::value endpoint_value(const std::optional<Endpoint>& endpoint) {
  if (!endpoint) return nullptr;
  return {{"ip", endpoint->ip}, {"port", endpoint->port}};
}

json::value failure_value(const std::optional<Failure>& failure) {
  if (!failure) return nullptr;
  return {{"phase", failure->phase ? json::value(json_text(to_string(*failure->phase))) : nullptr},
          {"origin", json_text(to_string(failure->origin))},
          {"cause", json_text(to_string(failure->cause))},
          {"message", failure->message}};
}

Timings read_timings(JsonReader& part) {
  PhaseSpans spans;
  const json::value* found = part.member("phases");
  part.require(found != nullptr);
  if (found == nullptr) return {};
  JsonReader phases(*found);
  for (const Phase phase : kPhases) {
    if (!phases.has(to_string(phase))) continue;
    JsonReader span(*phases.member(to_string(phase)));
    spans[static_cast<std::size_t>(phase)] = {
        span.micros("begin_us"), span.micros("end_us"), span.micros("own_us"),
        span.boolean("by_kernel") ? Span::Clock::kKernel : Span::Clock::kAgent};
    part.require(span.ok());
  }
  const auto timings = Timings::make(spans, part.micros("total_us"));
  part.require(phases.ok() && timings.has_value());
  return timings.value_or(Timings{});
}

std::optional<Endpoint> read_endpoint(JsonReader& part, std::string_view name) {
  if (part.absent(name)) return std::nullopt;
  JsonReader reader(*part.member(name));
  Endpoint endpoint{reader.text("ip"), static_cast<std::uint16_t>(reader.integer("port"))};
  part.require(reader.ok());
  return endpoint;
}

// A word that is not known here leaves the reader not ok().
template <typename Enum>
Enum read_word(JsonReader& reader, std::string_view name,
               std::optional<Enum> (*from_string)(std::string_view)) {
  const std::optional<Enum> known = from_string(reader.text(name));
  reader.require(known.has_value());
  return known.value_or(Enum{});
}

std::optional<Failure> read_failure(JsonReader& part) {
  if (part.absent("failure")) return std::nullopt;
  JsonReader reader(*part.member("failure"));
  Failure failure;
  if (!reader.absent("phase")) failure.phase = read_word(reader, "phase", phase_from_string);
  failure.origin = read_word(reader, "origin", origin_from_string);
  failure.cause = read_word(reader, "cause", cause_from_string);
  failure.message = reader.text("message");
  part.require(reader.ok());
  return failure;
}

}  // namespace

void put_part(json::object& object, const Measurement& m) {
  object["test_id"] = m.test_id;
  object["url"] = m.url;
  object["measured_at_us"] = m.measured_at.time_since_epoch().count();
  object["total_us"] = m.timings.total().count();
  object["phases"] = phases_object(m.timings);
  object["status"] = m.status ? json::value(*m.status) : nullptr;
  object["http_version"] = m.http_version;
  object["remote"] = endpoint_value(m.remote);
  object["local"] = endpoint_value(m.local);
  object["failure"] = failure_value(m.failure);
  object["family"] = json_text(to_string(m.family));
  object["reuse"] = json_text(to_string(m.reuse));
  object["loop_lag_us"] = m.self_check ? json::value(m.self_check->loop_lag.count()) : nullptr;
  object["overloaded"] = m.self_check && m.self_check->overloaded;
}

void read_part(JsonReader& reader, Measurement& m) {
  m.test_id = reader.text("test_id");
  m.url = reader.text("url");
  m.measured_at = WallTime(reader.micros("measured_at_us"));
  m.timings = read_timings(reader);
  if (!reader.absent("status")) m.status = static_cast<int>(reader.integer("status"));
  m.http_version = reader.text("http_version");
  m.remote = read_endpoint(reader, "remote");
  m.local = read_endpoint(reader, "local");
  m.failure = read_failure(reader);
  m.family = read_word(reader, "family", family_from_string);
  m.reuse = read_word(reader, "reuse", reuse_from_string);
  if (reader.absent("loop_lag_us")) return;
  SelfCheck& self_check = m.self_check.emplace();
  self_check.loop_lag = reader.micros("loop_lag_us");
  self_check.overloaded = reader.boolean("overloaded");
}

}  // namespace firstbyte::collector
