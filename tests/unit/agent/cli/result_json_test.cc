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

TEST(ResultJson, HasEachRedirectAndEachSample) {
  const json::value result = json::parse(result_json(examples::samples()));
  ASSERT_EQ(result.at("redirects").as_array().size(), 1U);
  EXPECT_EQ(result.at("redirects").at(0).at("url"), "http://www.example.net/");
  EXPECT_EQ(result.at("redirects").at(0).at("timings").at("wait_us"), 8'040);
  ASSERT_EQ(result.at("samples").as_array().size(), 5U);
  EXPECT_EQ(result.at("samples").at(1).at("failure").at("tls_alert"), 40);
  EXPECT_EQ(result.at("samples").at(1).at("redirects").as_array().size(), 1U);
  EXPECT_EQ(result.at("samples").at(4).at("reuse"), "warm");
  EXPECT_EQ(result.at("self_check").at("overloaded"), true);
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
