// An operator's regular expression for the name of an edge.
#pragma once

#include <string>
#include <string_view>

#include "common/edge_rule.h"
#include "common/error.h"

namespace firstbyte::collector {

inline constexpr std::size_t kMostPatternBytes = 200;

// By RE2, whose time is linear in the value and whose memory is bounded, since values are whatever
// a server sends; a backtracking std::regex is neither. Matches anywhere in the value; the one
// group is the edge. The error's field is empty.
Expected<EdgeRule> pattern_rule(std::string_view header, const std::string& pattern);

}  // namespace firstbyte::collector
