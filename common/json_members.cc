#include "common/json_members.h"

#include "common/target.h"
#include "common/utf8.h"

namespace firstbyte {

namespace json = boost::json;

std::string pointer_to(std::string_view parent, std::string_view name) {
  std::string pointer = fmt::format("{}/", parent);
  for (const char c : cut_text(name, 64)) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
  return pointer;
}

Expected<std::string_view> take_text(const json::value& value, const std::string& pointer,
                                     std::string_view what) {
  if (!value.is_string()) return invalid(pointer, fmt::format("{} must be a string", what));
  return view(value.get_string());
}

Expected<std::int64_t> take_whole(const json::value& value, const std::string& pointer,
                                  std::string_view what, std::int64_t least, std::int64_t most) {
  json::error_code error;
  const auto number = value.is_number() ? value.to_number<std::int64_t>(error) : least - 1;
  if (error || number < least || number > most) {
    return invalid(pointer,
                   fmt::format("{} must be a whole number from {} to {}", what, least, most));
  }
  return number;
}

Expected<> take_int(const json::value& value, const std::string& pointer, std::string_view what,
                    int least, int most, int& part) {
  const auto number = take_whole(value, pointer, what, least, most);
  if (!number) return std::unexpected(number.error());
  part = static_cast<int>(*number);
  return {};
}

Expected<> take_limit(const json::value& value, const std::string& pointer, std::string_view what,
                      std::optional<Micros>& part) {
  if (value.is_null()) return {};
  const auto ms = take_whole(value, pointer, what, 1, kMaxTimeoutOfSamples.count());
  if (!ms) return std::unexpected(ms.error());
  part = std::chrono::milliseconds{*ms};
  return {};
}

json::value ms_value(const std::optional<Micros>& time) {
  return time ? json::value(std::chrono::floor<std::chrono::milliseconds>(*time).count()) : nullptr;
}

}  // namespace firstbyte
