#include "collector/lifetime.h"

#include <fmt/format.h>

#include <string>

#include "common/time_span.h"

namespace firstbyte::collector {

Expected<std::chrono::seconds> parse_lifetime(std::string_view text, std::string_view flag) {
  const auto span = parse_time_span(text, std::chrono::days{3650});
  if (span) return *span;
  const std::string_view fault = span.error() == BadTimeSpan::kForm
                                     ? "a time such as 45s, 10m, 1h or 90d"
                                     : "between a second and ten years (3650d)";
  return invalid(std::string(flag), fmt::format("{} is not {}", text, fault));
}

}  // namespace firstbyte::collector
