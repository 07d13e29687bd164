// The file of --edges: by which headers edges are recognised, and where they stand, as YAML.
//
//   rules:                    # tried in this order, before those that are built in
//     - header: x-pop
//       take: after_last_dash # whole, ...: edge_takes()
//       location: airport     # edges are called after airports; else only `edges` says where
//     - header: x-cluster     #   they stand
//       pattern: 'pop=([a-z0-9]+)'  # in the place of take: a regular expression with one group
//   builtin_rules: false      # true when left out
//   edges:
//     - id: ny1
//       city: New York
//       country: US           # ISO 3166-1 alpha-2
//       latitude: 40.7128
//       longitude: -74.0060
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "common/edge.h"
#include "common/error.h"

namespace firstbyte::collector {

inline constexpr std::size_t kMostEdgesFileBytes = 1024 * 1024;
inline constexpr std::size_t kMostEdgeRules = 64;
inline constexpr std::size_t kMostEdges = 4096;

// Errors are kInvalid and name "--edges"; the sentence begins with the file, the line and the key
// at fault.
Expected<EdgeRules> read_edges(const std::filesystem::path& file);
// `name` is what sentences call the text.
Expected<EdgeRules> parse_edges(const std::string& text, std::string_view name);

}  // namespace firstbyte::collector
