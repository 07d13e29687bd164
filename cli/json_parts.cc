#include "cli/json_parts.h"

#include <boost/json.hpp>

#include "common/json_members.h"

namespace firstbyte::cli {

namespace json = boost::json;

namespace {

const json::value* member(const json::object& object, std::string_view name) {
  return object.if_contains({name.data(), name.size()});
}

}  // namespace

Expected<json::object> parse_object(std::string_view text) {
  json::error_code error;
  json::value value = json::parse({text.data(), text.size()}, error);
  if (error || !value.is_object()) {
    return invalid("--collector", "what it answered is not what a collector says");
  }
  return std::move(value.get_object());
}

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* value = member(object, name);
  return value != nullptr && value->is_string() ? std::string(view(value->get_string())) : "";
}

std::optional<std::int64_t> number_of(const json::object& object, std::string_view name) {
  const json::value* value = member(object, name);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  json::error_code error;
  const auto number = value->to_number<std::int64_t>(error);
  return error ? std::nullopt : std::optional(number);
}

std::optional<Micros> micros_of(const json::object& object, std::string_view name) {
  const auto number = number_of(object, name);
  return number ? std::optional(Micros{*number}) : std::nullopt;
}

std::optional<bool> truth_of(const json::object& object, std::string_view name) {
  const json::value* value = member(object, name);
  return value != nullptr && value->is_bool() ? std::optional(value->get_bool()) : std::nullopt;
}

const json::object& object_of(const json::object& object, std::string_view name) {
  static const json::object kNone;
  const json::value* value = member(object, name);
  return value != nullptr && value->is_object() ? value->get_object() : kNone;
}

const json::array& array_of(const json::object& object, std::string_view name) {
  static const json::array kNone;
  const json::value* value = member(object, name);
  return value != nullptr && value->is_array() ? value->get_array() : kNone;
}

}  // namespace firstbyte::cli
