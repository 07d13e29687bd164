#include "collector/config/edges_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <optional>
#include <ranges>
#include <set>
#include <utility>

#include "collector/config/edge_pattern.h"
#include "collector/config/yaml_source.h"
#include "common/target.h"
#include "common/utf8.h"

namespace firstbyte::collector {
namespace {

constexpr std::string_view kFlag = "--edges";
constexpr std::size_t kMostTextBytes = 64;

bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

std::optional<double> parse_number(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

class Parser {
 public:
  explicit Parser(std::string_view name) : source_(kFlag, name) {}

  Expected<EdgeRules> edge_rules(const std::string& text) {
    return source_.load(text, [this](const YAML::Node& document) { return edge_rules(document); });
  }

 private:
  Expected<EdgeRules> edge_rules(const YAML::Node& document) {
    if (!document.IsMap()) {
      return source_.wrong(document, "", "the file must be a map with the keys rules and edges");
    }
    if (auto checked = check_keys(document, {"rules", "builtin_rules", "edges"}); !checked) {
      return std::unexpected(checked.error());
    }
    auto own = list_of(document["rules"], "rules", kMostEdgeRules, &Parser::rule);
    if (!own) return std::unexpected(own.error());
    const auto builtin = boolean(document["builtin_rules"], "builtin_rules");
    if (!builtin) return std::unexpected(builtin.error());
    if (*builtin) {
      std::ranges::move(builtin_edge_rules(), std::back_inserter(*own));
    } else if (own->empty()) {
      return source_.wrong(document["builtin_rules"], "builtin_rules",
                           "without rules of your own no edge would be recognised");
    }
    auto edges = list_of(document["edges"], "edges", kMostEdges, &Parser::edge);
    if (!edges) return std::unexpected(edges.error());
    return EdgeRules(*std::move(own), *std::move(edges));
  }

  // Nothing where the list is left out.
  template <typename Entry>
  Expected<std::vector<Entry>> list_of(const YAML::Node& list, std::string_view key,
                                       std::size_t most,
                                       Expected<Entry> (Parser::*parse)(const YAML::Node&)) {
    std::vector<Entry> entries;
    if (!list) return entries;
    if (!list.IsSequence()) return source_.wrong(list, key, "must be a list");
    if (list.size() > most) {
      return source_.wrong(list, key, fmt::format("there are more than {}", most));
    }
    for (const YAML::Node& node : list) {
      if (!node.IsMap()) return source_.wrong(node, key, "each must be a map");
      Expected<Entry> entry = (this->*parse)(node);
      if (!entry) return std::unexpected(entry.error());
      entries.push_back(*std::move(entry));
    }
    return entries;
  }

  Expected<bool> boolean(const YAML::Node& node, std::string_view key) const {
    if (!node) return true;
    if (node.IsScalar() && node.Scalar() == "true") return true;
    if (node.IsScalar() && node.Scalar() == "false") return false;
    return source_.wrong(node, key, "must be true or false");
  }

  Expected<EdgeRule> rule(const YAML::Node& node) {
    if (auto checked = check_keys(node, {"header", "take", "pattern", "location"}); !checked) {
      return std::unexpected(checked.error());
    }
    const YAML::Node header = node["header"];
    if (!header) return source_.wrong(node, "header", "is missing");
    if (!header.IsScalar() || header.Scalar().size() > kMostTextBytes ||
        !is_header_name(header.Scalar())) {
      return source_.wrong(header, "header", "must be a header's name");
    }
    Expected<EdgeRule> rule = how(node, lower_case(header.Scalar()));
    if (!rule) return rule;
    if (const YAML::Node location = node["location"]; location) {
      if (!location.IsScalar() || location.Scalar() != "airport") {
        return source_.wrong(location, "location", "must be airport, or left out");
      }
      rule->airport = true;
    }
    return rule;
  }

  Expected<EdgeRule> how(const YAML::Node& node, const std::string& header) const {
    const YAML::Node take = node["take"];
    const YAML::Node pattern = node["pattern"];
    if (static_cast<bool>(take) == static_cast<bool>(pattern)) {
      return source_.wrong(node, "take", "either take or pattern says what of the value it is");
    }
    if (take) {
      const auto names = edge_takes() | std::views::transform(&EdgeTake::name);
      if (take.IsScalar() && std::ranges::find(names, take.Scalar()) != names.end()) {
        return edge_rule(header, take.Scalar());
      }
      return source_.wrong(take, "take", fmt::format("must be one of {}", fmt::join(names, ", ")));
    }
    if (!pattern.IsScalar()) return source_.wrong(pattern, "pattern", "must be text");
    Expected<EdgeRule> rule = pattern_rule(header, pattern.Scalar());
    if (!rule) return source_.wrong(pattern, "pattern", rule.error().message);
    return rule;
  }

  Expected<KnownEdge> edge(const YAML::Node& node) {
    if (auto checked = check_keys(node, {"id", "city", "country", "latitude", "longitude"});
        !checked) {
      return std::unexpected(checked.error());
    }
    const auto id = text_of(node, "id");
    if (!id) return std::unexpected(id.error());
    if (!ids_.insert(lower_case(*id)).second) {
      return source_.wrong(node["id"], "id", fmt::format("another edge is called {}", *id));
    }
    const auto city = text_of(node, "city");
    if (!city) return std::unexpected(city.error());
    const auto country = text_of(node, "country");
    if (!country) return std::unexpected(country.error());
    if (country->size() != 2 || !std::ranges::all_of(*country, is_capital)) {
      return source_.wrong(node["country"], "country", "must be two capital letters");
    }
    const auto latitude = degrees(node, "latitude", 90);
    if (!latitude) return std::unexpected(latitude.error());
    const auto longitude = degrees(node, "longitude", 180);
    if (!longitude) return std::unexpected(longitude.error());
    return KnownEdge{*id, {*city, *country, *latitude, *longitude}};
  }

  Expected<std::string> text_of(const YAML::Node& map, const char* key) const {
    const YAML::Node node = map[key];
    if (!node) return source_.wrong(map, key, "is missing");
    if (!node.IsScalar() || node.Scalar().empty() || node.Scalar().size() > kMostTextBytes ||
        !is_printable_utf8(node.Scalar())) {
      return source_.wrong(node, key,
                           fmt::format("must be 1 to {} bytes of printable text", kMostTextBytes));
    }
    return node.Scalar();
  }

  Expected<double> degrees(const YAML::Node& map, const char* key, double most) const {
    const YAML::Node node = map[key];
    if (!node) return source_.wrong(map, key, "is missing");
    const auto number = node.IsScalar() ? parse_number(node.Scalar()) : std::nullopt;
    // Written so that what is not a number is refused too.
    if (!number || !(*number >= -most && *number <= most)) {
      return source_.wrong(node, key, fmt::format("must be degrees from -{} to {}", most, most));
    }
    return *number;
  }

  Expected<> check_keys(const YAML::Node& map,
                        std::initializer_list<std::string_view> known) const {
    return source_.check_keys(
        map, [&](std::string_view key) { return std::ranges::find(known, key) != known.end(); });
  }

  const YamlSource source_;
  std::set<std::string> ids_;
};

}  // namespace

Expected<EdgeRules> parse_edges(const std::string& text, std::string_view name) {
  return Parser(name).edge_rules(text);
}

Expected<EdgeRules> read_edges(const std::filesystem::path& file) {
  const auto text = read_yaml_text(file, kFlag, kMostEdgesFileBytes);
  if (!text) return std::unexpected(text.error());
  return parse_edges(*text, file.filename().string());
}

}  // namespace firstbyte::collector
