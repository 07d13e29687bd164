#include "lab/wire/wire_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <set>

namespace firstbyte::wire {
namespace {

namespace json = boost::json;

Expected<double> number_between(std::string_view key, const json::value& value, double least,
                                double most) {
  boost::system::error_code error;
  const double number = value.is_number() ? value.to_number<double>(error) : least - 1;
  // Written so that a NaN is refused as well.
  if (!error && number >= least && number <= most) return number;
  return invalid(std::string(key), fmt::format("{} is not a number from {} to {}",
                                               json::serialize(value), least, most));
}

Expected<> take_micros(std::string_view key, const json::value& value, Micros& into) {
  const Expected<double> number =
      number_between(key, value, 0, static_cast<double>(kLongestDelay.count()));
  if (!number) return std::unexpected(number.error());
  into = Micros{static_cast<Micros::rep>(*number)};
  return {};
}

Expected<> take_number(std::string_view key, const json::value& value, double most, double& into) {
  const Expected<double> number = number_between(key, value, 0, most);
  if (!number) return std::unexpected(number.error());
  into = *number;
  return {};
}

Expected<> take_bool(std::string_view key, const json::value& value, bool& into) {
  if (!value.is_bool()) return invalid(std::string(key), "neither true nor false");
  into = value.as_bool();
  return {};
}

constexpr double kFastestMbit = 1e6;  // a terabit

Expected<> take_setting(std::string_view key, const json::value& value, WireSettings& settings) {
  if (key == "delay_us") return take_micros(key, value, settings.delay);
  if (key == "jitter_us") return take_micros(key, value, settings.jitter);
  if (key == "loss_percent") return take_number(key, value, 100, settings.loss_percent);
  if (key == "rate_mbit") return take_number(key, value, kFastestMbit, settings.rate_mbit);
  if (key == "up") return take_bool(key, value, settings.up);
  return invalid(std::string(key), "there is no such key");
}

Expected<WireConfig> parse_wire(const json::object& object) {
  WireConfig wire;
  for (const auto& [key, into] : {std::pair("name", &wire.name), {"a", &wire.a}, {"b", &wire.b}}) {
    Expected<std::string> text = text_at(object, key);
    if (!text) return std::unexpected(text.error());
    *into = *std::move(text);
  }
  if (!object.contains("delay_us")) return invalid("delay_us", "missing");
  const Expected<WireSettings> settings =
      changed_settings(wire.settings, object, {"name", "a", "b"});
  if (!settings) return std::unexpected(settings.error());
  wire.settings = *settings;
  return wire;
}

// What the wire is called in an error: its name, or its place where it has none.
std::string title(const json::value& value, std::size_t index) {
  if (value.is_object()) {
    if (const Expected<std::string> name = text_at(value.as_object(), "name")) return *name;
  }
  return fmt::format("number {}", index + 1);
}

Expected<> check_unique(const std::vector<WireConfig>& wires) {
  std::set<std::string_view> names;
  std::set<std::string_view> interfaces;
  for (const WireConfig& wire : wires) {
    if (!names.insert(wire.name).second) {
      return invalid("wire " + wire.name, "name: another wire has it already");
    }
    for (const auto& [key, interface] : {std::pair("a", &wire.a), {"b", &wire.b}}) {
      if (interfaces.insert(*interface).second) continue;
      return invalid("wire " + wire.name,
                     fmt::format("{}: interface {} is in use already", key, *interface));
    }
  }
  return {};
}

Expected<json::array> wires_in(std::string_view text) {
  boost::system::error_code error;
  const json::value document = json::parse({text.data(), text.size()}, error);
  if (error) return invalid("", "not valid JSON: " + error.message());
  const json::object* object = document.if_object();
  const json::value* wires = object == nullptr ? nullptr : object->if_contains("wires");
  if (wires == nullptr || !wires->is_array()) {
    return invalid("wires", "the document is not an object with an array of this name");
  }
  if (object->size() > 1) return invalid("", "the document has keys other than \"wires\"");
  return wires->as_array();
}

}  // namespace

Expected<std::string> text_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains({key.data(), key.size()});
  if (value == nullptr) return invalid(std::string(key), "missing");
  if (!value->is_string() || value->as_string().empty()) {
    return invalid(std::string(key), "not a string that says something");
  }
  return std::string(value->as_string());
}

Expected<WireSettings> changed_settings(WireSettings settings, const json::object& object,
                                        std::initializer_list<std::string_view> others) {
  for (const auto& [name, value] : object) {
    const std::string_view key(name.data(), name.size());
    if (std::ranges::find(others, key) != others.end()) continue;
    if (const auto taken = take_setting(key, value, settings); !taken) {
      return std::unexpected(taken.error());
    }
  }
  return settings;
}

Expected<std::vector<WireConfig>> parse_wires(std::string_view text) {
  const Expected<json::array> array = wires_in(text);
  if (!array) return std::unexpected(array.error());
  std::vector<WireConfig> wires;
  for (const json::value& value : *array) {
    const std::string wire = "wire " + title(value, wires.size());
    if (!value.is_object()) return invalid(wire, "not an object");
    Expected<WireConfig> parsed = parse_wire(value.as_object());
    if (!parsed) return invalid(wire, parsed.error().field + ": " + parsed.error().message);
    wires.push_back(*std::move(parsed));
  }
  if (const auto unique = check_unique(wires); !unique) return std::unexpected(unique.error());
  return wires;
}

Expected<std::vector<WireConfig>> load_wires(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return fatal("cannot be read", file);
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  Expected<std::vector<WireConfig>> wires = parse_wires(text);
  if (!wires && wires.error().field.empty()) return invalid(file, wires.error().message);
  return wires;
}

}  // namespace firstbyte::wire
