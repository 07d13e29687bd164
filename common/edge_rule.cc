#include "common/edge_rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace firstbyte {
namespace {

using std::string_view;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_word_character(char c) {
  return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool is_word(string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_word_character);
}

string_view trimmed(string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

// Of a list separated by commas: what was added last, by whoever faced the client.
string_view last_member(string_view list) {
  const auto comma = list.rfind(',');
  return trimmed(comma == string_view::npos ? list : list.substr(comma + 1));
}

string_view whole(string_view value) { return trimmed(value); }

// Cloudflare: "8f2b3c4d5e6f7a8b-FRA". Fly.io: "01J…-fra". The site stands behind the last dash.
string_view after_last_dash(string_view value) {
  const auto dash = value.rfind('-');
  return dash == string_view::npos ? string_view{} : trimmed(value.substr(dash + 1));
}

string_view last_hop_after_dash(string_view value) { return after_last_dash(last_member(value)); }

// Vercel: "fra1::iad1::abcde-1700000000000-0123456789ab". The first part is the edge.
string_view before_double_colon(string_view value) {
  const auto colons = value.find("::");
  return colons == string_view::npos ? string_view{} : trimmed(value.substr(0, colons));
}

// "cache-lga21983-LGA, cache-fra-eddf8230030-FRA". The last hop is the one that faced the client.
// Others use the header for names of any form, so only this one counts.
string_view fastly_pop(string_view value) {
  const string_view hop = last_member(value);
  const string_view pop = hop.starts_with("cache-") ? after_last_dash(hop) : string_view{};
  return is_word(pop) ? pop : string_view{};
}

// "BunnyCDN-DE1-1081": the POP, then the server.
string_view bunnycdn_pop(string_view value) {
  constexpr string_view kProduct = "BunnyCDN-";
  if (!value.starts_with(kProduct)) return {};
  value.remove_prefix(kProduct.size());
  const string_view pop = trimmed(value.substr(0, value.find('-')));
  return is_word(pop) ? pop : string_view{};
}

// "cache36.l2cn1818[23,200-0,M], kunlun7.cn1481[1,0]": each hop is a server, its place, and how it
// did. The place of the last one faced the client.
string_view alibaba_pop(string_view value) {
  value = trimmed(value);
  if (!value.ends_with(']')) return {};
  const string_view hop = last_member(value.substr(0, value.rfind('[')));
  const auto dot = hop.find('.');
  if (dot == string_view::npos || dot == 0) return {};
  const string_view place = hop.substr(dot + 1);
  const auto belongs = [](char c) { return is_word_character(c) || c == '-'; };
  return std::ranges::all_of(place, belongs) ? place : string_view{};
}

// Akamai, when asked for it: "TCP_HIT from a23-67-252-148.deploy.akamaitechnologies.com
// (AkamaiGHost/11.4) (-)". Squid: "HIT from ny1.example.net". A word with neither a digit nor a dot
// is a product, as in "Hit from cloudfront".
string_view from_host(string_view value) {
  constexpr string_view kFrom = " from ";
  const string_view hop = last_member(value);
  const auto from = hop.find(kFrom);
  if (from == string_view::npos) return {};
  const string_view rest = trimmed(hop.substr(from + kFrom.size()));
  const string_view host = rest.substr(0, rest.find_first_of(" \t:"));
  const bool is_host = std::ranges::all_of(
      host, [](char c) { return is_word_character(c) || c == '-' || c == '.' || c == '_'; });
  const bool is_name = std::ranges::any_of(host, [](char c) { return is_digit(c) || c == '.'; });
  return is_host && is_name ? host : string_view{};
}

constexpr std::array kTakes{
    EdgeTake{"whole", whole},
    EdgeTake{"after_last_dash", after_last_dash},
    EdgeTake{"last_hop_after_dash", last_hop_after_dash},
    EdgeTake{"before_double_colon", before_double_colon},
    EdgeTake{"fastly_pop", fastly_pop},
    EdgeTake{"bunnycdn_pop", bunnycdn_pop},
    EdgeTake{"alibaba_pop", alibaba_pop},
    EdgeTake{"from_host", from_host},
};

enum class Names : bool { kOwn, kAirports };

struct Builtin {
  string_view header;
  string_view take;
  Names names = Names::kOwn;
};

// Bunny's codes are its own (ASB is Ashburn, to airlines Ashgabat), as are those of KeyCDN, CDN77
// and Alibaba.
constexpr std::array kBuiltin{
    Builtin{"x-edge-route", "whole"},
    Builtin{"cf-ray", "after_last_dash", Names::kAirports},
    Builtin{"x-amz-cf-pop", "whole", Names::kAirports},
    Builtin{"x-vercel-id", "before_double_colon", Names::kAirports},
    Builtin{"fly-request-id", "after_last_dash", Names::kAirports},
    Builtin{"x-served-by", "fastly_pop", Names::kAirports},
    Builtin{"x-edge-location", "whole"},
    Builtin{"x-edge-pop", "whole"},
    Builtin{"x-77-pop", "whole"},
    Builtin{"server", "bunnycdn_pop"},
    Builtin{"via", "alibaba_pop"},
    Builtin{"x-cache", "from_host"},
};

}  // namespace

std::span<const EdgeTake> edge_takes() { return kTakes; }

std::string EdgeRule::text() const {
  return take.empty() ? fmt::format("{}: pattern {}", header, pattern)
                      : fmt::format("{}: {}", header, take);
}

EdgeRule edge_rule(std::string_view header, std::string_view take) {
  const auto* const found = std::ranges::find(kTakes, take, &EdgeTake::name);
  return {.header = std::string(header),
          .take = std::string(take),
          .pattern = {},
          .extract = found->extract};
}

std::vector<EdgeRule> builtin_edge_rules() {
  std::vector<EdgeRule> rules;
  for (const auto& [header, take, names] : kBuiltin) {
    EdgeRule& rule = rules.emplace_back(edge_rule(header, take));
    rule.airport = names == Names::kAirports;
    rule.builtin = true;
  }
  return rules;
}

bool says_more_than_the_edge(string_view header) {
  static constexpr std::array<string_view, 5> kNames{"cache-status", "server", "server-timing",
                                                     "via", "x-cache"};
  return std::ranges::find(kNames, header) != kNames.end();
}

}  // namespace firstbyte
