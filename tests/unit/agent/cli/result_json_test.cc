#include "agent/cli/result_json.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/fakes/collector_golden.h"
#include "tests/unit/agent/cli/cli_examples.h"

namespace firstbyte::agent {
namespace {

namespace json = boost::json;

TEST(ResultJson, LooksLikeItsGolden) {
  fakes::expect_json_golden("cli/probe-result.json",
                            result_json(examples::answer(), ListPlace{7, Micros{42}}));
}

TEST(ResultJson, OfAFailureSaysSo) {
  const json::value result = json::parse(result_json(examples::refused()));
  EXPECT_EQ(result.at("state"), "failed");
  EXPECT_EQ(result.at("failure").at("cause"), "refused");
}

TEST(ResultJson, OfOneUrlHasNoPlaceInAList) {
  const json::object result = json::parse(result_json(examples::answer())).as_object();
  EXPECT_FALSE(result.contains("line"));
  EXPECT_FALSE(result.contains("late_us"));
}

TEST(ResultJson, WithoutARateNothingIsLate) {
  EXPECT_TRUE(
      json::parse(result_json(examples::answer(), ListPlace{7, {}})).at("late_us").is_null());
}

TEST(ResultJson, IsOneLineWhateverTheUrlHolds) {
  Measurement measurement;
  measurement.url = "a\n\xff\x01\"";
  const std::string text = result_json(measurement);
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_EQ(json::parse(text).at("url"), "a \u00ff \"");
}

}  // namespace
}  // namespace firstbyte::agent
