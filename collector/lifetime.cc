#include "collector/lifetime.h"

#include <fmt/format.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace firstbyte::collector {
namespace {

using std::chrono::seconds;

constexpr seconds kMost = std::chrono::days{3650};

std::optional<seconds> unit(std::string_view text) {
  if (text == "s") return seconds{1};
  if (text == "m") return std::chrono::minutes{1};
  if (text == "h") return std::chrono::hours{1};
  if (text == "d") return std::chrono::days{1};
  return std::nullopt;
}

}  // namespace

Expected<seconds> parse_lifetime(std::string_view text, std::string_view flag) {
  std::int64_t count = 0;
  const char* begin = text.data();
  const auto [rest, failed] = std::from_chars(begin, begin + text.size(), count);
  const auto each = unit(text.substr(static_cast<std::size_t>(rest - begin)));
  if (failed != std::errc{} || !each) {
    return invalid(std::string(flag),
                   fmt::format("{} is not a time such as 45s, 10m, 1h or 90d", text));
  }
  if (count < 1 || count > kMost / *each) {
    return invalid(std::string(flag),
                   fmt::format("{} is not between a second and ten years (3650d)", text));
  }
  return count * *each;
}

}  // namespace firstbyte::collector
