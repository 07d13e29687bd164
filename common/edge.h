// Who answered: the edge's name, read from the response headers by a list of rules, and where that
// edge stands.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/edge_rule.h"
#include "common/measurement.h"

namespace firstbyte {

struct EdgeLocation {
  std::string city;
  std::string country;  // ISO 3166-1 alpha-2
  double latitude = 0;
  double longitude = 0;
  bool operator==(const EdgeLocation&) const = default;
};

struct Edge {
  std::string name;    // as the header spells it, e.g. "ny1", "FRA", "JFK52-P2"
  std::string header;  // the header it was read from, so that the page can mark it
  std::string rule;    // by which rule: EdgeRule::text()
  std::optional<EdgeLocation> location;  // absent: it is not known where this edge stands
  bool operator==(const Edge&) const = default;
};

// An edge of the operator's.
struct KnownEdge {
  std::string id;  // what the header says, in whatever case
  EdgeLocation location;
  bool operator==(const KnownEdge&) const = default;
};

// The rules, and where edges stand. Constant, so thread-safe.
class EdgeRules {
 public:
  // A name longer than this is none.
  static constexpr std::size_t kMostNameBytes = 64;

  // The ids differ, also when case is ignored.
  explicit EdgeRules(std::vector<EdgeRule> rules = builtin_edge_rules(),
                     std::vector<KnownEdge> edges = {});

  // The first rule that finds a name wins, and of a header that is there several times the first
  // that names one. Absent when no header names an edge. The edge stands where the operator says,
  // or else, if the rule's edges are called after airports, there.
  std::optional<Edge> find(const Headers& headers) const;

  // Whether headers of this name are there to name the edge, and say nothing else.
  bool is_edge_header(std::string_view name) const;

  // In the order in which they are tried.
  const std::vector<EdgeRule>& rules() const { return rules_; }
  // In the operator's order.
  const std::vector<KnownEdge>& edges() const { return edges_; }

 private:
  std::optional<EdgeLocation> locate(const EdgeRule& rule, std::string_view edge) const;

  const std::vector<EdgeRule> rules_;
  const std::vector<KnownEdge> edges_;
  const std::map<std::string, std::size_t> index_;  // into edges_, by the id in lower case
};

// The rules that are built in, and no edges of an operator.
const EdgeRules& builtin_edges();

// As ids of edges are compared.
std::string lower_case(std::string_view text);

}  // namespace firstbyte
