#include "common/edge.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace firstbyte {
namespace {

using std::string_view;

string_view whole(string_view value) { return value; }

// Cloudflare: "8f2b3c4d5e6f7a8b-FRA". Fly.io: "01J…-fra". The site stands behind the last dash.
string_view after_last_dash(string_view value) {
  const auto dash = value.rfind('-');
  return dash == string_view::npos ? string_view{} : value.substr(dash + 1);
}

// Fastly: "cache-lga21983-LGA, cache-fra-eddf8230030-FRA". The last hop is the one that faced the
// client.
string_view last_hop_after_dash(string_view value) {
  const auto comma = value.rfind(',');
  return after_last_dash(comma == string_view::npos ? value : value.substr(comma + 1));
}

// Vercel: "fra1::iad1::abcde-1700000000000-0123456789ab". The first part is the edge.
string_view before_double_colon(string_view value) { return value.substr(0, value.find("::")); }

struct Rule {
  string_view header;
  string_view (*extract)(string_view);
};

constexpr std::array kRules{
    Rule{"x-edge-route", whole},
    Rule{"cf-ray", after_last_dash},
    Rule{"x-amz-cf-pop", whole},
    Rule{"x-vercel-id", before_double_colon},
    Rule{"fly-request-id", after_last_dash},
    Rule{"x-served-by", last_hop_after_dash},
    Rule{"x-edge-location", whole},
    Rule{"x-77-pop", whole},
};

}  // namespace

std::optional<Edge> find_edge(const Headers& headers) {
  for (const Rule& rule : kRules) {
    for (const auto& [name, value] : headers) {
      if (name != rule.header) continue;
      const string_view edge = rule.extract(value);
      if (!edge.empty()) return Edge{std::string(edge), name};
    }
  }
  return std::nullopt;
}

bool is_edge_header(string_view name) {
  return std::ranges::find(kRules, name, &Rule::header) != kRules.end();
}

}  // namespace firstbyte
