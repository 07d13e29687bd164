// A length of time as people write it: "90d".
#pragma once

#include <chrono>
#include <expected>
#include <string_view>

namespace firstbyte {

enum class BadTimeSpan {
  kForm,    // not a whole number and s, m, h or d
  kBounds,  // shorter than a second, or longer than allowed
};

// "45s", "10m", "1h", "90d"; from a second to `most`.
std::expected<std::chrono::seconds, BadTimeSpan> parse_time_span(std::string_view text,
                                                                 std::chrono::seconds most);

}  // namespace firstbyte
