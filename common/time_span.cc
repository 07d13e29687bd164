#include "common/time_span.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace firstbyte {
namespace {

using std::chrono::seconds;

std::optional<seconds> unit(std::string_view text) {
  if (text == "s") return seconds{1};
  if (text == "m") return std::chrono::minutes{1};
  if (text == "h") return std::chrono::hours{1};
  if (text == "d") return std::chrono::days{1};
  return std::nullopt;
}

}  // namespace

std::expected<seconds, BadTimeSpan> parse_time_span(std::string_view text, seconds most) {
  std::int64_t count = 0;
  const char* begin = text.data();
  const auto [rest, failed] = std::from_chars(begin, begin + text.size(), count);
  const auto each = unit(text.substr(static_cast<std::size_t>(rest - begin)));
  if (failed != std::errc{} || !each) return std::unexpected(BadTimeSpan::kForm);
  if (count < 1 || count > most / *each) return std::unexpected(BadTimeSpan::kBounds);
  return count * *each;
}

}  // namespace firstbyte
