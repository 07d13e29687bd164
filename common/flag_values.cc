#include "common/flag_values.h"

#include <boost/algorithm/string/classification.hpp>
#include <boost/algorithm/string/trim.hpp>
#include <charconv>

namespace firstbyte {

Expected<> check_between(std::string_view flag, std::int64_t value, std::int64_t least,
                         std::int64_t most, std::string_view unit) {
  if (value >= least && value <= most) return {};
  return invalid(std::string(flag),
                 fmt::format("{} is not between {} and {}{}", value, least, most, unit));
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::pair<std::string, std::optional<std::string>> split_header(const std::string& text) {
  const auto colon = text.find(':');
  if (colon == std::string::npos) return {text, std::nullopt};
  return {text.substr(0, colon), boost::algorithm::trim_copy_if(
                                     text.substr(colon + 1), boost::algorithm::is_any_of(" \t"))};
}

}  // namespace firstbyte
