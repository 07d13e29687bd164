#include "common/edge.h"

#include <algorithm>
#include <utility>

#include "common/airports.h"
#include "common/utf8.h"

namespace firstbyte {
namespace {

std::map<std::string, std::size_t> index_of(const std::vector<KnownEdge>& edges) {
  std::map<std::string, std::size_t> index;
  for (std::size_t i = 0; i < edges.size(); ++i) index.emplace(lower_case(edges[i].id), i);
  return index;
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return lower;
}

EdgeRules::EdgeRules(std::vector<EdgeRule> rules, std::vector<KnownEdge> edges)
    : rules_(std::move(rules)), edges_(std::move(edges)), index_(index_of(edges_)) {}

std::optional<Edge> EdgeRules::find(const Headers& headers) const {
  for (const EdgeRule& rule : rules_) {
    for (const auto& [name, value] : headers) {
      if (name != rule.header || value == kRedacted) continue;
      const std::string_view edge = rule.extract(value);
      if (edge.empty() || edge.size() > kMostNameBytes || !is_printable_utf8(edge)) continue;
      return Edge{std::string(edge), name, rule.text(), locate(rule, edge)};
    }
  }
  return std::nullopt;
}

std::optional<EdgeLocation> EdgeRules::locate(const EdgeRule& rule, std::string_view edge) const {
  if (const auto known = index_.find(lower_case(edge)); known != index_.end()) {
    return edges_[known->second].location;
  }
  const Airport* airport = rule.airport ? airport_of(edge) : nullptr;
  if (airport == nullptr) return std::nullopt;
  return EdgeLocation{std::string(airport->city), std::string(airport->country), airport->latitude,
                      airport->longitude};
}

bool EdgeRules::is_edge_header(std::string_view name) const {
  return !says_more_than_the_edge(name) &&
         std::ranges::find(rules_, name, &EdgeRule::header) != rules_.end();
}

const EdgeRules& builtin_edges() {
  static const EdgeRules kBuiltin;
  return kBuiltin;
}

}  // namespace firstbyte
