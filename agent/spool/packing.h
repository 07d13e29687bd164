// How a result lies in the spool: deflated against a dictionary made of results before it. Those of
// one target differ in little but times and tokens; docs/decisions.md has the figures.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/error.h"

namespace firstbyte::agent {

// What the deflate's window can look back on, less a result of usual size.
inline constexpr std::size_t kMaxDictionaryBytes = 14 * 1024;

// The dictionary may be empty. What it ends with serves best.
std::string pack(std::string_view raw, std::string_view dictionary);
// `size` is that of what was packed. The Error is kFatal: these bytes are not what pack() made.
Expected<std::string> unpack(std::string_view packed, std::size_t size,
                             std::string_view dictionary);

}  // namespace firstbyte::agent
