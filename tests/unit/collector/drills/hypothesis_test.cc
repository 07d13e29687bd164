#include "collector/drills/hypothesis.h"

#include <gtest/gtest.h>

namespace firstbyte::collector::hypothesis_test {
namespace {

const std::vector<std::string> kCities{"new-york", "tokyo"};

std::string error_of(std::string_view lines) {
  const auto parsed = parse_hypotheses(lines, kCities);
  if (parsed) return "accepted";
  EXPECT_EQ(parsed.error().field, "/hypotheses");
  return parsed.error().message;
}

TEST(Hypothesis, EachKindOfLineIsRead) {
  const auto parsed = parse_hypotheses(
      "availability >= 99.5%   # of all\n\n"
      "  ttfb_p95(tokyo)<=300ms\n"
      "reroute <= 5s\nunaffected_cities >= 12\n"
      "moved_to(new-york) in [la1, ams1]\n",
      kCities);
  ASSERT_TRUE(parsed) << parsed.error().message;
  ASSERT_EQ(parsed->size(), 5U);
  EXPECT_EQ(parsed->at(0).text, "availability >= 99.5%");
  EXPECT_EQ(parsed->at(0).bound, 99.5);
  EXPECT_EQ(parsed->at(1).metric, Metric::kTtfb);
  EXPECT_EQ(parsed->at(1).percentile, 95);
  EXPECT_EQ(parsed->at(1).city, "tokyo");
  EXPECT_EQ(parsed->at(1).bound, 300'000);
  EXPECT_EQ(parsed->at(2).bound, 5'000'000);
  EXPECT_EQ(parsed->at(3).relation, Relation::kAtLeast);
  EXPECT_EQ(parsed->at(4).edges, (std::vector<std::string>{"la1", "ams1"}));
}

TEST(Hypothesis, AMistakeHasItsPlace) {
  EXPECT_EQ(error_of("reroute <= 5s\navailability => 99%"),
            "line 2, column 14: expected one of >=, <=, ==, > and <");
  EXPECT_EQ(error_of("reroute <= 5"), "line 1, column 13: expected 'ms' or 's'");
  EXPECT_EQ(error_of("reroute <= soon"), "line 1, column 12: expected a number");
  EXPECT_EQ(error_of("availability >= 101%"), "line 1, column 17: a share is at most 100%");
  EXPECT_EQ(error_of("failed_probes <= 1.5"), "line 1, column 18: expected a whole number");
  EXPECT_EQ(error_of("reroute <= 5s or so"), "line 1, column 15: expected the end of the line");
  EXPECT_EQ(error_of("moved_to in [la1]"),
            "line 1, column 10: expected the city in brackets, as in moved_to(new-york)");
  EXPECT_EQ(error_of("moved_to(tokyo) in [la1"), "line 1, column 24: expected ',' or ']'");
  EXPECT_EQ(error_of("moved_to(tokyo) in []"), "line 1, column 21: expected the name of an edge");
}

TEST(Hypothesis, AnUnknownMetricIsToldWhichThereAre) {
  EXPECT_TRUE(error_of("uptime >= 1%")
                  .starts_with("line 1, column 1: expected one of availability, ttfb_p50, "));
}

TEST(Hypothesis, ACityThatDoesNotTakePartIsRefused) {
  EXPECT_EQ(error_of("reroute(oslo) <= 5s"),
            "line 1, column 9: oslo does not take part; the cities are new-york, tokyo");
}

TEST(Hypothesis, WhatCountsCitiesIsOfNoneOfThem) {
  EXPECT_NE(error_of("moved_cities(tokyo) == 1"), "accepted");
}

TEST(Hypothesis, ItIsBounded) {
  EXPECT_NE(error_of("reroute <= " + std::string(kMaxHypothesisBytes, '1') + "s"), "accepted");
  std::string many;
  for (std::size_t line = 0; line <= kMaxHypotheses; ++line) many += "reroute <= 5s\n";
  EXPECT_EQ(error_of(many), "line 33: at most 32 lines are checked");
}

}  // namespace
}  // namespace firstbyte::collector::hypothesis_test
