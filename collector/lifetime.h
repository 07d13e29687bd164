// How long something is good for, as people write it: "90d".
#pragma once

#include <chrono>
#include <string_view>

#include "common/error.h"

namespace firstbyte::collector {

// A whole number and s, m, h or d: "45s", "10m", "1h", "90d"; from a second to ten years. The Error
// names `flag`.
Expected<std::chrono::seconds> parse_lifetime(std::string_view text, std::string_view flag);

}  // namespace firstbyte::collector
