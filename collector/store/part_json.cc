#include "collector/store/part_json.h"

namespace firstbyte::collector {
namespace {

namespace json = boost::json;

void write_phases(JsonWriter& json, const Timings& timings) {
  json.name("phases");
  json.open_object();
  for (const Phase phase : kPhases) {
    const std::optional<Span>& span = timings.span(phase);
    if (!span) continue;
    json.name(to_string(phase));
    json.open_object();
    json.member("begin_us", span->begin);
    json.member("end_us", span->end);
    json.member("own_us", span->own);
    json.member("by_kernel", span->clock == Span::Clock::kKernel);
    json.close_object();
  }
  json.close_object();
}

void write_endpoint(JsonWriter& json, std::string_view name,
                    const std::optional<Endpoint>& endpoint) {
  json.name(name);
  if (!endpoint) return json.null();
  json.open_object();
  json.member("ip", endpoint->ip);
  json.member("port", endpoint->port);
  json.close_object();
}

void write_failure(JsonWriter& json, const std::optional<Failure>& failure) {
  json.name("failure");
  if (!failure) return json.null();
  json.open_object();
  json.member("phase", failure->phase.transform([](Phase phase) { return to_string(phase); }));
  json.member("origin", to_string(failure->origin));
  json.member("cause", to_string(failure->cause));
  json.member("message", failure->message);
  json.close_object();
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

void write_part(JsonWriter& json, const Measurement& m) {
  json.member("test_id", m.test_id);
  json.member("url", m.url);
  json.member("measured_at_us", m.measured_at);
  json.member("total_us", m.timings.total());
  write_phases(json, m.timings);
  json.member("status", m.status);
  json.member("http_version", m.http_version);
  write_endpoint(json, "remote", m.remote);
  write_endpoint(json, "local", m.local);
  write_failure(json, m.failure);
  json.member("family", to_string(m.family));
  json.member("reuse", to_string(m.reuse));
  json.member("loop_lag_us",
              m.self_check.transform([](const SelfCheck& check) { return check.loop_lag; }));
  json.member("overloaded", m.self_check && m.self_check->overloaded);
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
