// What flags hold, as typed, and what of it is a value.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/error.h"

namespace firstbyte {

// The one of `all` that is spelt so. The Error names the flag and all of them.
template <typename Value, std::size_t N>
Expected<Value> choice(std::string_view flag, std::string_view text,
                       const std::array<Value, N>& all) {
  std::vector<std::string_view> names;
  for (const Value value : all) {
    names.push_back(to_string(value));
    if (names.back() == text) return value;
  }
  return invalid(std::string(flag),
                 fmt::format("{} is not one of {}", text, fmt::join(names, ", ")));
}

// Both bounds included. The Error names the flag.
Expected<> check_between(std::string_view flag, std::int64_t value, std::int64_t least,
                         std::int64_t most, std::string_view unit = {});

// The whole text as a decimal number.
std::optional<std::int64_t> whole_number(std::string_view text);

// "Name: value", the value without the blanks around it; absent without a colon.
std::pair<std::string, std::optional<std::string>> split_header(const std::string& text);

}  // namespace firstbyte
