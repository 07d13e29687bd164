// How an edge's name is read from one response header.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace firstbyte {

// A part of the value, without blanks around it; empty when the value names no edge.
using EdgeExtractor = std::function<std::string_view(std::string_view value)>;

// An extractor by its name, one of a closed list.
struct EdgeTake {
  std::string_view name;
  std::string_view (*extract)(std::string_view value);
};
std::span<const EdgeTake> edge_takes();

struct EdgeRule {
  std::string header;   // in lower case
  std::string take;     // the extractor's name; empty: `pattern`
  std::string pattern;  // a regular expression whose one group is the edge; empty: `take`
  EdgeExtractor extract;
  // Edges are called after airports, so that it is known where they stand.
  bool airport = false;
  bool builtin = false;

  // For people, and the same in every run: "cf-ray: after_last_dash", "x-pop: pattern ^([a-z]+)".
  std::string text() const;
};

// The name's extractor; it must be on the list.
EdgeRule edge_rule(std::string_view header, std::string_view take);

// In the order in which they are tried: an operator's own headers, then those of CDNs.
std::vector<EdgeRule> builtin_edge_rules();

// Whether headers of this name say other things than who answered, such as which software did.
bool says_more_than_the_edge(std::string_view header);

}  // namespace firstbyte
