#include "lab/wire/control_request.h"

#include <algorithm>
#include <boost/json.hpp>

namespace firstbyte::wire {
namespace {

namespace json = boost::json;

json::object json_of(const Direction& direction) {
  const DirectionCounts& counts = direction.counts();
  return {{"packets", counts.packets},
          {"bytes", counts.bytes},
          {"lost", counts.lost},
          {"down", counts.down},
          {"overflowed", counts.overflowed},
          {"in_flight", direction.in_flight()},
          {"late_p50_us", direction.lateness().percentile_us(50)},
          {"late_p99_us", direction.lateness().percentile_us(99)},
          {"late_max_us", direction.lateness().max_us()}};
}

json::object json_of(const Wire& wire) {
  const WireSettings& settings = wire.settings();
  return {{"delay_us", settings.delay.count()},
          {"jitter_us", settings.jitter.count()},
          {"loss_percent", settings.loss_percent},
          {"rate_mbit", settings.rate_mbit},
          {"up", settings.up},
          {"a_to_b", json_of(wire.a_to_b())},
          {"b_to_a", json_of(wire.b_to_a())}};
}

std::string line_of(const json::object& object) { return json::serialize(object) + "\n"; }

std::string refusal(const Error& error) {
  return error_answer(error.field.empty() ? error.message : error.field + ": " + error.message);
}

std::string answer_stats(const json::object& request, const std::deque<Wire>& wires,
                         std::uint64_t missed) {
  if (!request.empty()) return error_answer("stats takes no keys");
  json::object all;
  for (const Wire& wire : wires) all[wire.name()] = json_of(wire);
  return line_of({{"wires", std::move(all)}, {"missed", missed}});
}

std::string answer_set(const json::object& request, std::deque<Wire>& wires) {
  const Expected<std::string> name = text_at(request, "wire");
  if (!name) return refusal(name.error());
  const auto wire = std::ranges::find(wires, *name, &Wire::name);
  if (wire == wires.end()) return error_answer("there is no wire " + *name);
  const Expected<WireSettings> settings = changed_settings(wire->settings(), request, {"wire"});
  if (!settings) return refusal(settings.error());
  wire->change(*settings);
  return line_of({{"ok", true}});
}

}  // namespace

std::string error_answer(std::string_view sentence) {
  return line_of({{"error", json::string_view(sentence.data(), sentence.size())}});
}

std::string answer(std::string_view line, std::deque<Wire>& wires, std::uint64_t missed) {
  boost::system::error_code error;
  const json::value request = json::parse({line.data(), line.size()}, error);
  if (error) return error_answer("not valid JSON: " + error.message());
  const json::object* object = request.if_object();
  if (object == nullptr || object->size() != 1 || !object->begin()->value().is_object()) {
    return error_answer("a request is an object with one key, whose value is an object");
  }
  const json::object& inner = object->begin()->value().get_object();
  if (object->contains("set")) return answer_set(inner, wires);
  if (object->contains("stats")) return answer_stats(inner, wires, missed);
  return error_answer("a request is a \"set\" or a \"stats\"");
}

}  // namespace firstbyte::wire
