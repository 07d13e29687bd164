#include "collector/config/edges_file.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>

#include "tests/fakes/temp_dir.h"

namespace firstbyte::edges_file_test {
namespace {

using namespace collector;

using testing::HasSubstr;
using testing::StartsWith;

EdgeRules accepted(const std::string& text) {
  const auto edges = parse_edges(text, "edges.yaml");
  EXPECT_TRUE(edges) << edges.error().message;
  return edges.value_or(EdgeRules());
}

std::string refused(const std::string& text) {
  const auto edges = parse_edges(text, "edges.yaml");
  EXPECT_FALSE(edges) << text;
  if (edges) return {};
  EXPECT_EQ(edges.error().field, "--edges");
  EXPECT_EQ(edges.error().kind, Error::Kind::kInvalid);
  return edges.error().message;
}

// Of one rule, on the lines from 2 on, each with two blanks before it.
std::string with_rule(const std::string& lines) { return "rules:\n" + lines; }

std::string edge(const std::string& id, const std::string& city = "New York",
                 const std::string& country = "US", const std::string& latitude = "40.7128",
                 const std::string& longitude = "-74.0060") {
  return fmt::format(
      "  - id: {}\n    city: {}\n    country: {}\n    latitude: {}\n    longitude: {}\n", id, city,
      country, latitude, longitude);
}

// ---- rules

TEST(EdgesFile, RulesComeBeforeThoseThatAreBuiltIn) {
  const EdgeRules edges = accepted(
      with_rule("  - {header: X-My-Pop, take: after_last_dash}\n  - {header: x-b, take: whole}\n"));
  ASSERT_EQ(edges.rules().size(), builtin_edge_rules().size() + 2);
  EXPECT_EQ(edges.rules()[0].text(), "x-my-pop: after_last_dash");
  EXPECT_EQ(edges.rules()[1].text(), "x-b: whole");
  EXPECT_FALSE(edges.rules()[0].builtin);
  EXPECT_TRUE(edges.rules()[2].builtin);
  const auto found = edges.find({{"x-edge-route", "ny1"}, {"x-my-pop", "pop-7"}});
  EXPECT_EQ(found, (Edge{"7", "x-my-pop", "x-my-pop: after_last_dash", {}}));
}

TEST(EdgesFile, EachExtractorCanBeTaken) {
  for (const EdgeTake& take : edge_takes()) {
    const EdgeRules edges =
        accepted(with_rule(fmt::format("  - {{header: x, take: {}}}\n", take.name)));
    EXPECT_EQ(edges.rules().front().take, take.name);
  }
}

TEST(EdgesFile, WithoutTheBuiltInRulesThereAreOnesOwn) {
  const EdgeRules edges =
      accepted("builtin_rules: false\nrules:\n  - {header: x-pop, take: whole}\n");
  EXPECT_EQ(edges.rules().size(), 1U);
  EXPECT_EQ(edges.find({{"cf-ray", "8f2b-FRA"}}), std::nullopt);
}

TEST(EdgesFile, APatternsOneGroupIsTheEdge) {
  const EdgeRules edges =
      accepted(with_rule("  - header: x-cluster\n    pattern: '(?:^|;)pop=([a-z]{3}\\d*)'\n"));
  const auto found = edges.find({{"x-cluster", "id=7;pop=fra2;v=1"}});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "fra2");
  EXPECT_EQ(found->rule, "x-cluster: pattern (?:^|;)pop=([a-z]{3}\\d*)");
  EXPECT_EQ(edges.find({{"x-cluster", "pop="}}), std::nullopt);
}

TEST(EdgesFile, APatternThatMatchesNothingOfTheValueNamesNoEdge) {
  const EdgeRules edges = accepted(with_rule("  - {header: x, pattern: '(a)?'}\n"));
  EXPECT_EQ(edges.find({{"x", "b"}}), std::nullopt);
}

// A backtracking engine takes longer than the universe is old for this, or runs out of stack.
TEST(EdgesFile, AHostileValueIsMatchedInTimeThatIsLinearInIt) {
  const EdgeRules edges = accepted(with_rule("  - {header: x, pattern: '^((?:a|a|a?)*)b$'}\n"));
  EXPECT_EQ(edges.find({{"x", std::string(8192, 'a')}}), std::nullopt);
  EXPECT_EQ(edges.find({{"x", std::string(8192, '\xff')}}), std::nullopt);
}

TEST(EdgesFile, OneRuleMayCallItsEdgesAfterAirports) {
  const EdgeRules edges = accepted(with_rule(
      "  - {header: x-a, take: whole, location: airport}\n  - {header: x-b, take: whole}\n"));
  EXPECT_EQ(edges.find({{"x-a", "lax"}})->location->city, "Los Angeles");
  EXPECT_EQ(edges.find({{"x-b", "lax"}})->location, std::nullopt);
}

TEST(EdgesFile, ARulesHeaderMustBeOne) {
  EXPECT_EQ(refused(with_rule("  - {take: whole}\n")), "edges.yaml:2: header: is missing");
  for (const char* wrong : {"''", "'x y'", "'x:'", "[x]", "'\xc3\xa4'"}) {
    EXPECT_EQ(refused(with_rule(fmt::format("  - header: {}\n    take: whole\n", wrong))),
              "edges.yaml:2: header: must be a header's name")
        << wrong;
  }
}

TEST(EdgesFile, ARuleTakesAPartOrHasAPattern) {
  const char* either = "edges.yaml:2: take: either take or pattern says what of the value it is";
  EXPECT_EQ(refused(with_rule("  - {header: x}\n")), either);
  EXPECT_EQ(refused(with_rule("  - {header: x, take: whole, pattern: '(a)'}\n")), either);
  EXPECT_EQ(refused(with_rule("  - header: x\n    take: half\n")),
            "edges.yaml:3: take: must be one of whole, after_last_dash, last_hop_after_dash, "
            "before_double_colon, fastly_pop, bunnycdn_pop, alibaba_pop, from_host");
}

TEST(EdgesFile, APatternMustBeOneThatIsBoundedAndHasOneGroup) {
  const auto pattern = [](const std::string& text) {
    return refused(with_rule(fmt::format("  - header: x\n    pattern: {}\n", text)));
  };
  EXPECT_EQ(pattern("''"), "edges.yaml:3: pattern: must be 1 to 200 bytes of printable text");
  EXPECT_EQ(pattern(std::string(201, 'a')),
            "edges.yaml:3: pattern: must be 1 to 200 bytes of printable text");
  EXPECT_EQ(pattern("[a]"), "edges.yaml:3: pattern: must be text");
  EXPECT_EQ(pattern("'(a'"), "edges.yaml:3: pattern: is no regular expression: missing ): (a");
  EXPECT_THAT(pattern("'(a)\\1'"), StartsWith("edges.yaml:3: pattern: is no regular expression:"));
  EXPECT_THAT(pattern("'((((a{1000}){1000}){1000}){1000})'"),
              StartsWith("edges.yaml:3: pattern: is no regular expression:"));
  for (const char* groups : {"'a'", "'(a)(b)'", "'(?:a)'"}) {
    EXPECT_THAT(pattern(groups), HasSubstr("needs exactly one group")) << groups;
  }
}

TEST(EdgesFile, ARulesLocationIsAirportOrLeftOut) {
  EXPECT_EQ(refused(with_rule("  - {header: x, take: whole, location: city}\n")),
            "edges.yaml:2: location: must be airport, or left out");
}

TEST(EdgesFile, WithoutAnyRuleNoEdgeWouldBeRecognised) {
  EXPECT_EQ(refused("builtin_rules: false\n"),
            "edges.yaml:1: builtin_rules: without rules of your own no edge would be recognised");
  EXPECT_EQ(refused("builtin_rules: perhaps\n"),
            "edges.yaml:1: builtin_rules: must be true or false");
}

// ---- edges

TEST(EdgesFile, EdgesStandWhereItSays) {
  const EdgeRules edges =
      accepted("edges:\n" + edge("ny1") + edge("osl1", "Oslo", "NO", "59.91", "11"));
  const std::vector<KnownEdge> expected{{"ny1", {"New York", "US", 40.7128, -74.006}},
                                        {"osl1", {"Oslo", "NO", 59.91, 11}}};
  EXPECT_EQ(edges.edges(), expected);
  EXPECT_EQ(edges.find({{"x-edge-route", "NY1"}})->location, expected[0].location);
  EXPECT_EQ(edges.rules().size(), builtin_edge_rules().size());
}

TEST(EdgesFile, EachMemberOfAnEdgeIsNeeded) {
  for (const char* missing : {"id", "city", "country", "latitude", "longitude"}) {
    std::string text = "edges:\n" + edge("ny1");
    text.replace(text.find(missing), 2, "#-");
    if (std::string_view(missing) == "id") text = "edges:\n  - city: New York\n";
    EXPECT_EQ(refused(text), fmt::format("edges.yaml:2: {}: is missing", missing));
  }
}

TEST(EdgesFile, AnEdgesMembersAreBounded) {
  const auto wrong = [](const std::string& entry) { return refused("edges:\n" + entry); };
  const std::string text = "must be 1 to 64 bytes of printable text";
  EXPECT_EQ(wrong(edge("''")), "edges.yaml:2: id: " + text);
  EXPECT_EQ(wrong(edge(std::string(65, 'a'))), "edges.yaml:2: id: " + text);
  EXPECT_EQ(wrong(edge("ny1", "[New York]")), "edges.yaml:3: city: " + text);
  EXPECT_EQ(wrong(edge("ny1", "New York", "us")),
            "edges.yaml:4: country: must be two capital letters");
  EXPECT_EQ(wrong(edge("ny1", "New York", "USA")),
            "edges.yaml:4: country: must be two capital letters");
  for (const char* degrees : {"91", "-90.01", "nan", "inf", "40,7", "north", "''", "[40]"}) {
    EXPECT_EQ(wrong(edge("ny1", "New York", "US", degrees)),
              "edges.yaml:5: latitude: must be degrees from -90 to 90")
        << degrees;
  }
  EXPECT_EQ(wrong(edge("ny1", "New York", "US", "40", "180.1")),
            "edges.yaml:6: longitude: must be degrees from -180 to 180");
}

TEST(EdgesFile, TwoEdgesDifferInMoreThanTheirCase) {
  EXPECT_EQ(refused("edges:\n" + edge("ny1") + edge("NY1")),
            "edges.yaml:7: id: another edge is called NY1");
}

// ---- the file

TEST(EdgesFile, ItsKeysAreKnownAndThereOnce) {
  EXPECT_EQ(refused("rule: []\n"), "edges.yaml:1: rule: there is no such key");
  EXPECT_EQ(refused("edges: []\nedges: []\n"), "edges.yaml:2: edges: is there twice");
  EXPECT_EQ(refused(with_rule("  - {header: x, take: whole, group: 1}\n")),
            "edges.yaml:2: group: there is no such key");
  EXPECT_EQ(refused("edges:\n" + edge("ny1") + "    region: Europe\n"),
            "edges.yaml:7: region: there is no such key");
}

TEST(EdgesFile, IsAMapOfLists) {
  const char* map = "edges.yaml:1: the file must be a map with the keys rules and edges";
  EXPECT_EQ(refused(""), map);
  EXPECT_EQ(refused("- ny1\n"), map);
  EXPECT_EQ(refused("rules: none\n"), "edges.yaml:1: rules: must be a list");
  EXPECT_EQ(refused("rules:\n  - x\n"), "edges.yaml:2: rules: each must be a map");
  EXPECT_EQ(refused("edges: {}\n"), "edges.yaml:1: edges: must be a list");
  EXPECT_EQ(refused("edges:\n  - ny1\n"), "edges.yaml:2: edges: each must be a map");
}

TEST(EdgesFile, ThatIsNoYamlIsRefused) {
  EXPECT_THAT(refused("rules: [\n"), HasSubstr("this is no YAML"));
}

TEST(EdgesFile, RulesAndEdgesAreBounded) {
  std::string rules = "rules:\n";
  for (std::size_t i = 0; i <= kMostEdgeRules; ++i) rules += "  - {header: x, take: whole}\n";
  EXPECT_EQ(refused(rules), "edges.yaml:2: rules: there are more than 64");
  std::string edges = "edges:\n";
  for (std::size_t i = 0; i <= kMostEdges; ++i) edges += "  - {}\n";
  EXPECT_EQ(refused(edges), "edges.yaml:2: edges: there are more than 4096");
}

TEST(EdgesFile, IsReadFromTheDisk) {
  const fakes::TempDir folder;
  const auto file = folder.path() / "edges.yaml";
  std::ofstream(file) << "edges:\n" << edge("ny1");
  const auto edges = read_edges(file);
  ASSERT_TRUE(edges) << edges.error().message;
  EXPECT_EQ(edges->edges().size(), 1U);
  const auto none = read_edges(folder.path() / "none.yaml");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().field, "--edges");
  EXPECT_THAT(none.error().message, HasSubstr("none.yaml cannot be read"));
}

}  // namespace
}  // namespace firstbyte::edges_file_test
