#include "cli/test_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/commands.h"
#include "tests/unit/cli/view_examples.h"

namespace firstbyte::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

TestView test_of_cities(std::vector<CityView> cities) {
  return {.id = "1", .url = "https://a/", .cities = std::move(cities)};
}

CityView offline_city() {
  CityView city = failed_city("Rome", "agent");
  city.state = CityState::kOffline;
  city.result->rating = "";
  return city;
}

TEST(TestText, ReadsAsTheGoldenFile) {
  fakes::expect_golden("cli/firstbyte-test.txt", test_table(golden_test(), {}));
}

TEST(TestText, TimesHaveOnePlaceBelowAHundredMilliseconds) {
  EXPECT_EQ(ms_text(Micros{34'000}), "34.0");
  EXPECT_EQ(ms_text(Micros{99'949}), "99.9");
  EXPECT_EQ(ms_text(Micros{99'950}), "100");
  EXPECT_EQ(ms_text(Micros{231'400}), "231");
  EXPECT_EQ(ms_text(std::nullopt), "-");
}

TEST(TestText, AnsweredCitiesComeFirstByTheirTtfb) {
  const std::string text = test_table(
      test_of_cities({offline_city(), failed_city("Oslo"), answered_city("Slow", Micros{9'000}),
                      answered_city("Fast", Micros{1'000})}),
      {});
  const std::vector<std::size_t> places{text.find("\nFast"), text.find("\nSlow"),
                                        text.find("\nOslo"), text.find("\nRome")};
  EXPECT_TRUE(std::ranges::is_sorted(places)) << text;
}

TEST(TestText, NothingThatATerminalObeysComesFromOutside) {
  CityView city = answered_city("Ro\x1b[2Jme", Micros{1'000}, "\x1b]0;x\x07");
  city.result->rating = "\xc2\x9bm";
  TestView test = test_of_cities({city, failed_city("Oslo")});
  test.url = "https://a/\x1b";
  test.cities[1].result->failure->message = "\x1b[31m\n";
  const std::string text = test_table(test, {});
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, Not(HasSubstr("\xc2\x9b")));
  EXPECT_THAT(text, HasSubstr("\\x1b]0;x\\x07"));
}

TEST(LiveTable, ReplacesTheTableBeforeIt) {
  LiveTable table({}, 24);
  const TestView test = test_of_cities({answered_city("Rome", Micros{1})});
  EXPECT_THAT(table.redrawn(test), Not(HasSubstr("\x1b[J")));
  EXPECT_THAT(table.redrawn(test), testing::StartsWith("\x1b[3A\r\x1b[J"));
  EXPECT_EQ(table.erased(), "\x1b[3A\r\x1b[J");
  EXPECT_EQ(table.erased(), "");
}

TEST(LiveTable, IsNeverHigherThanTheTerminal) {
  LiveTable table({}, 5);
  const std::vector<CityView> cities(9, answered_city("Rome", Micros{1}));
  const std::string text = table.redrawn(test_of_cities(cities));
  EXPECT_EQ(std::ranges::count(text, '\n'), 4);
}

TEST(LiveTable, SaysHowFarACityIs) {
  CityView city{.agent_id = "rome", .city = "Rome", .state = CityState::kTls, .result = {}};
  LiveTable table({}, 24);
  EXPECT_THAT(table.redrawn(test_of_cities({city})), HasSubstr("in tls"));
}

TEST(Status, IsOfTheWorstThatIsKnown) {
  const CityView well = answered_city("Rome", Micros{1});
  EXPECT_EQ(status_of(test_of_cities({well})), kAllWell);
  EXPECT_EQ(status_of(test_of_cities({well, offline_city()})), kNotMeasured);
  EXPECT_EQ(status_of(test_of_cities({well, offline_city(), failed_city("Oslo")})), kSomeFailed);
  EXPECT_EQ(status_of(test_of_cities({})), kNotMeasured);
}

TEST(Status, OfAnErrorPageIsFailed) {
  CityView city = answered_city("Rome", Micros{1});
  city.result->rating = "failed";
  city.result->status = 503;
  EXPECT_EQ(status_of(test_of_cities({city})), kSomeFailed);
}

// It was not measured: nobody knows how the target does.
TEST(Status, OfAnAgentThatFailedItselfIsNoData) {
  EXPECT_EQ(status_of(test_of_cities({failed_city("Rome", "agent")})), kNotMeasured);
}

TEST(Views, RefuseWhatIsNoTest) {
  EXPECT_FALSE(parse_object("[]"));
  EXPECT_FALSE(parse_object("<html>"));
  EXPECT_FALSE(read_test({}));
  EXPECT_FALSE(read_test({{"id", "\x1b[2J"}}));
  EXPECT_FALSE(read_test({{"id", "../agents"}}));
  EXPECT_FALSE(read_test({{"id", "1"}, {"cities", {1}}}));
  EXPECT_FALSE(read_city({{"agent_id", "rome"}, {"state", "dancing"}}));
  EXPECT_FALSE(read_comparison({}));
  EXPECT_FALSE(read_agents({}));
}

}  // namespace
}  // namespace firstbyte::cli
