// Who answered: the edge's name, read from the response headers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/measurement.h"

namespace firstbyte {

struct Edge {
  std::string name;    // as the header spells it, e.g. "ny1", "FRA", "JFK52-P2"
  std::string header;  // the header it was read from, so that the page can mark it
  bool operator==(const Edge&) const = default;
};

// The first rule that matches wins; the operator's own header comes before the vendors'. Absent
// when no header names an edge.
std::optional<Edge> find_edge(const Headers& headers);

// Whether a rule reads the edge from headers of this name.
bool is_edge_header(std::string_view name);

}  // namespace firstbyte
