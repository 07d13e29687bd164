#include "cli/comparison_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/cli/view_examples.h"

namespace firstbyte::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

ComparedCity compared_city(const std::string& name, const std::string& change = "unchanged") {
  return {.city = name,
          .change = change,
          .moved = false,
          .delta = {},
          .before = answered_city(name, Micros{30'000}),
          .after = answered_city(name, Micros{31'000})};
}

ComparedCity moved_city(const std::string& name) {
  ComparedCity city = compared_city(name, "moved");
  city.moved = true;
  city.before = answered_city(name, Micros{34'000}, "ny1");
  city.after = answered_city(name, Micros{231'000}, "la1");
  return city;
}

std::string sentence_of(std::vector<ComparedCity> cities) {
  return comparison_sentence({.before_id = "1", .after_id = "2", .cities = std::move(cities)}, {});
}

TEST(ComparisonText, ReadsAsTheGoldenFile) {
  fakes::expect_golden("cli/firstbyte-compare.txt", comparison_text(golden_comparison(), {}));
}

TEST(ComparisonText, TellsWhoMovedWithBothEdgesAndBothTimes) {
  EXPECT_EQ(sentence_of({compared_city("London"), moved_city("New York")}),
            "1 of 2 cities moved: New York ny1 -> la1, TTFB 34.0 -> 231 ms; 2 of 2 answered 200");
}

TEST(ComparisonText, TellsManyThatMovedByWhereTheyWent) {
  EXPECT_EQ(sentence_of({moved_city("A"), moved_city("B")}),
            "2 of 2 cities moved: A ny1 -> la1 (TTFB 34.0 -> 231 ms), "
            "B ny1 -> la1 (TTFB 34.0 -> 231 ms); 2 of 2 answered 200");
  EXPECT_EQ(sentence_of({moved_city("A"), moved_city("B"), moved_city("C"), moved_city("D")}),
            "4 of 4 cities moved: ny1 -> la1 (A, B, C, D); 4 of 4 answered 200");
}

TEST(ComparisonText, SaysWhereNobodyMoved) {
  EXPECT_EQ(sentence_of({compared_city("London")}), "none of 1 city moved; 1 of 1 answered 200");
}

// Missing data is neither up nor down.
TEST(ComparisonText, NamesCitiesWithoutDataAndCountsThemNowhere) {
  ComparedCity away = compared_city("Rome", "no_data");
  away.moved.reset();
  away.after->result.reset();
  EXPECT_EQ(sentence_of({compared_city("London"), away}),
            "none of 1 city moved; no data: Rome; 1 of 1 answered 200");
}

TEST(ComparisonText, NamesThoseThatFailNow) {
  ComparedCity broken = compared_city("Oslo", "failed");
  broken.after = failed_city("Oslo");
  EXPECT_EQ(
      sentence_of({compared_city("London"), broken}),
      "none of 2 cities moved; failing now: Oslo; 1 of 2 answered 200, 1 city did not answer");
}

TEST(ComparisonText, ShowsThoseThatMovedFirst) {
  const std::string text = comparison_text(
      {.before_id = "1", .after_id = "2", .cities = {compared_city("London"), moved_city("Oslo")}},
      {});
  EXPECT_LT(text.find("\nOslo"), text.find("\nLondon"));
}

TEST(ComparisonText, SaysThatTheTargetsDiffer) {
  ComparisonView comparison = golden_comparison();
  EXPECT_THAT(comparison_text(comparison, {}), Not(HasSubstr("did not ask for the same")));
  comparison.same_target = false;
  EXPECT_THAT(comparison_text(comparison, {}), HasSubstr("did not ask for the same"));
}

TEST(ComparisonText, PrintsNothingThatATerminalObeys) {
  ComparedCity city = moved_city("\x1b[2J");
  city.after->result->edge = "\x1b[1m";
  city.change = "\x1b[5m";
  EXPECT_THAT(comparison_text({.before_id = "1", .after_id = "2", .cities = {city}}, {}),
              Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace firstbyte::cli
