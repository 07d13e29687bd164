#include "collector/analysis/header_comparison.h"

#include <gmock/gmock.h>

#include <array>
#include <deque>

namespace firstbyte::collector {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// The answers of cities called "a", "b", "c"…
class HeaderComparison : public testing::Test {
 protected:
  void city(std::optional<Headers> before, std::optional<Headers> after) {
    const auto kept = [this](std::optional<Headers> headers) -> const Headers* {
      if (!headers) return nullptr;
      headers_.push_back(*std::move(headers));
      return &headers_.back();
    };
    const std::size_t place = cities_.size();
    cities_.push_back({kNames.substr(place, 1), kept(std::move(before)), kept(std::move(after))});
  }
  std::vector<HeaderChange> changes(const EdgeRules& edges = builtin_edges()) const {
    return compare_headers(cities_, edges);
  }
  std::vector<HeaderDifference> differences() const {
    return header_differences(cities_, builtin_edges());
  }

 private:
  static constexpr std::string_view kNames = "abcdefghijklmn";
  std::deque<Headers> headers_;
  std::vector<AnswersOfCity> cities_;
};

TEST_F(HeaderComparison, GroupsTheCitiesWhereTheSameChanged) {
  for (int i = 0; i < 2; ++i) city({{{"x-version", "v411"}}}, {{{"x-version", "v412"}}});
  city({{{"x-version", "v412"}}}, {{{"x-version", "v412"}}});
  EXPECT_THAT(changes(), ElementsAre(HeaderChange{"x-version", "v411", "v412", {"a", "b"}}));
}

TEST_F(HeaderComparison, AHeaderThatCameOrWentHasNoValueOnOneSide) {
  city({{{"via", "1.1 a"}}}, {{{"x-cache", "HIT"}}});
  EXPECT_THAT(changes(), ElementsAre(HeaderChange{"via", "1.1 a", std::nullopt, {"a"}},
                                     HeaderChange{"x-cache", std::nullopt, "HIT", {"a"}}));
}

TEST_F(HeaderComparison, ARepeatedHeaderIsOneWithAllItsValues) {
  city({{{"via", "1.1 a"}, {"via", "1.1 b"}}}, {{{"via", "1.1 a"}}});
  EXPECT_THAT(changes(), ElementsAre(HeaderChange{"via", "1.1 a, 1.1 b", "1.1 a", {"a"}}));
}

TEST_F(HeaderComparison, ACityWithoutAnAnswerHasNoHeadersThatWent) {
  city({{{"via", "1.1 a"}}}, std::nullopt);
  city(std::nullopt, {{{"via", "1.1 a"}}});
  EXPECT_THAT(changes(), IsEmpty());
}

TEST_F(HeaderComparison, WhatIsOfTheMomentIsNoChange) {
  city({{{"date", "Mon"}, {"age", "1"}, {"x-request-id", "1"}, {"cf-ray", "8f-FRA"}}},
       {{{"date", "Tue"}, {"age", "2"}, {"x-request-id", "2"}, {"cf-ray", "9a-FRA"}}});
  EXPECT_THAT(changes(), IsEmpty());
  EXPECT_THAT(differences(), IsEmpty());
}

TEST_F(HeaderComparison, TheEdgeIsToldElsewhere) {
  city({{{"x-edge-route", "ny1"}}}, {{{"x-edge-route", "la1"}}});
  EXPECT_THAT(changes(), IsEmpty());
}

TEST_F(HeaderComparison, TheEdgeIsTheOneThatTheOperatorsRulesName) {
  city({{{"x-pop", "ny1"}}}, {{{"x-pop", "la1"}}});
  EXPECT_THAT(changes(), ElementsAre(HeaderChange{"x-pop", "ny1", "la1", {"a"}}));
  EXPECT_THAT(changes(EdgeRules({edge_rule("x-pop", "whole")})), IsEmpty());
}

TEST_F(HeaderComparison, WhatServesIsToldThoughItMayNameTheEdge) {
  city({{{"server", "BunnyCDN-DE1-1081"}}}, {{{"server", "nginx"}}});
  EXPECT_THAT(changes(), ElementsAre(HeaderChange{"server", "BunnyCDN-DE1-1081", "nginx", {"a"}}));
}

TEST_F(HeaderComparison, OfASecretNothingIsKnown) {
  city({{{"set-cookie", "<redacted>"}}}, {{}});
  EXPECT_THAT(changes(), IsEmpty());
}

TEST_F(HeaderComparison, WhatIsAnotherOneWithEachAnswerIsPassedOver) {
  for (const char* id : {"1", "2", "3"})
    city({{{"x-span", std::string("b") + id}}}, {{{"x-span", std::string("a") + id}}});
  EXPECT_THAT(changes(), IsEmpty());
}

TEST_F(HeaderComparison, ToldIsWhoDiffersFromTheMost) {
  for (int i = 0; i < 3; ++i) city(std::nullopt, {{{"x-version", "v412"}}});
  city(std::nullopt, {{{"x-version", "v411"}}});
  city(std::nullopt, {{}});
  ASSERT_THAT(differences(), testing::SizeIs(1));
  const HeaderDifference found = differences().front();
  EXPECT_EQ(found.name, "x-version");
  using Value = HeaderDifference::Value;
  EXPECT_THAT(found.values, ElementsAre(Value{"v412", {"a", "b", "c"}}, Value{std::nullopt, {"e"}},
                                        Value{"v411", {"d"}}));
}

TEST_F(HeaderComparison, WithoutAMajorityNobodyIsTheOneThatDiffers) {
  for (const char* value : {"1", "1", "2", "2"}) city(std::nullopt, {{{"x-shard", value}}});
  EXPECT_THAT(differences(), IsEmpty());
}

}  // namespace
}  // namespace firstbyte::collector
