// Reads the members of JSON objects that people write. Errors are kInvalid, with the JSON pointer
// of the value at fault (RFC 6901) and one sentence; `what` is its subject: "the timeout".
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/clock.h"
#include "common/error.h"

namespace firstbyte {

inline std::string_view view(boost::json::string_view text) { return {text.data(), text.size()}; }

// The pointer of a member, whose name is cut if it is long.
std::string pointer_to(std::string_view parent, std::string_view name);

// How the member of this name gets into its `Part`.
template <typename Part>
struct Member {
  std::string_view name;
  Expected<> (*take)(const boost::json::value& value, const std::string& pointer, Part& part);
};

// Takes each member of the object, which is itself at `parent`; refuses one that is not known.
template <typename Part>
Expected<> take_members(const boost::json::object& object, std::string_view parent,
                        std::span<const Member<Part>> members, Part& part) {
  for (const auto& [key, value] : object) {
    const std::string pointer = pointer_to(parent, view(key));
    const auto member = std::ranges::find(members, view(key), &Member<Part>::name);
    if (member == members.end()) return invalid(pointer, "there is no such field");
    if (auto taken = member->take(value, pointer, part); !taken) return taken;
  }
  return {};
}

Expected<std::string_view> take_text(const boost::json::value& value, const std::string& pointer,
                                     std::string_view what);
Expected<std::int64_t> take_whole(const boost::json::value& value, const std::string& pointer,
                                  std::string_view what, std::int64_t least, std::int64_t most);
Expected<> take_int(const boost::json::value& value, const std::string& pointer,
                    std::string_view what, int least, int most, int& part);
// A limit of 1 ms to kMaxTimeoutOfSamples; null for none.
Expected<> take_limit(const boost::json::value& value, const std::string& pointer,
                      std::string_view what, std::optional<Micros>& part);
// The same back, in whole milliseconds.
boost::json::value ms_value(const std::optional<Micros>& time);

// One of the words that to_string() has for `words`.
template <typename Enum, std::size_t N>
Expected<> take_word(const boost::json::value& value, const std::string& pointer,
                     std::string_view what, const std::array<Enum, N>& words, Enum& part) {
  const auto known = std::ranges::find_if(words, [&](Enum word) {
    return value.is_string() && view(value.get_string()) == to_string(word);
  });
  if (known == words.end()) {
    std::array<std::string_view, N> names;
    std::ranges::transform(words, names.begin(), [](Enum word) { return to_string(word); });
    return invalid(pointer, fmt::format("{} must be one of {}", what, fmt::join(names, ", ")));
  }
  part = *known;
  return {};
}

}  // namespace firstbyte
