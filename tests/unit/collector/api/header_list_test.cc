#include "collector/api/header_list.h"

#include <gtest/gtest.h>

namespace firstbyte::collector {
namespace {

TEST(HeaderList, IsCutAtItsSeparators) {
  std::string_view rest = "a , b,";
  EXPECT_EQ(cut(rest, ','), "a");
  EXPECT_EQ(cut(rest, ','), "b");
  EXPECT_EQ(rest, "");
}

TEST(Preference, IsTheWeightThatIsSaid) { EXPECT_EQ(preference("a, b;q=0.5", "b"), 0.5); }

TEST(Preference, IsWholeWhereNoWeightIsSaid) { EXPECT_EQ(preference("a;level=1", "a"), 1); }

TEST(Preference, MindsNoCase) { EXPECT_EQ(preference("GZIP;Q=0.5", "gzip"), 0.5); }

TEST(Preference, IsNothingForAWeightThatCannotBeRead) { EXPECT_EQ(preference("a;q=much", "a"), 0); }

TEST(Preference, IsNothingForAWeightThatIsNone) {
  for (const char* accept : {"a;q=2", "a;q=-1", "a;q=nan", "a;q=inf"}) {
    EXPECT_EQ(preference(accept, "a"), 0) << accept;
  }
}

TEST(Preference, OfWhatIsNotNamedIsThatOfTheStar) { EXPECT_EQ(preference("a, *;q=0.1", "b"), 0.1); }

TEST(Preference, IsAbsentWithoutAWord) { EXPECT_EQ(preference("a", "b"), std::nullopt); }

TEST(PrefersHtml, WhoNamesIt) {
  EXPECT_TRUE(prefers_html("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
}

TEST(PrefersHtml, NobodyWhoTakesAnything) {
  EXPECT_FALSE(prefers_html("*/*"));
  EXPECT_FALSE(prefers_html(""));
}

TEST(PrefersHtml, NobodyWhoWouldRatherHaveJson) {
  EXPECT_FALSE(prefers_html("text/html;q=0.5, application/json"));
  EXPECT_FALSE(prefers_html("text/html, application/problem+json"));
}

}  // namespace
}  // namespace firstbyte::collector
