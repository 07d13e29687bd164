// One table per enumeration, in the order of its values: the single place of each spelling.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace firstbyte {

template <typename Enum, std::size_t N>
std::optional<Enum> find_name(const std::array<std::string_view, N>& names, std::string_view text) {
  const auto found = std::ranges::find(names, text);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

}  // namespace firstbyte
