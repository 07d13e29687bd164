#include "collector/api/test_json.h"

#include <gtest/gtest.h>

#include "collector/api/agent_json.h"
#include "collector/api/test_feeds.h"
#include "tests/fakes/collector_examples.h"
#include "tests/fakes/collector_golden.h"

namespace firstbyte::collector {
namespace {

namespace json = boost::json;
using fakes::expect_json_golden;

json::value parsed(const TestCity& city) {
  return json::parse(city_json(city, examples::edge_rules()));
}

// The result of one city of the running example.
json::object result_of(std::size_t city) {
  const TestCity example = examples::running_test().cities.at(city);
  return parsed(example).at("result").as_object();
}

// The frames of a feed, one after the other.
std::string take_text(EventSource& source) {
  std::string text;
  for (const auto& frame : source.take().frames) text += *frame;
  return text;
}

// What a viewer of the example sees who came when New York, Frankfurt and São Paulo had ended.
std::string example_feed() {
  Test test = examples::running_test();
  TestFeeds feeds("5f3a", examples::edge_rules());
  feeds.test_started(test);
  for (int i = 0; i < 7; ++i) feeds.city_changed(test, test.cities[0]);
  const auto viewer = feeds.watch(test);
  test.cities.back().state = CityState::kWait;
  test.cities.back().elapsed = Micros{52'000};
  feeds.city_changed(test, test.cities.back());
  test = examples::finished_test();
  feeds.city_changed(test, test.cities.back());
  feeds.test_finished(test);
  return take_text(*viewer);
}

// Each frame with its data printed as the golden file has it.
std::string normalised(std::string_view feed) {
  constexpr std::string_view kData = "data: ";
  std::string text;
  while (!feed.empty()) {
    const std::size_t end = feed.find('\n');
    const std::string_view line = feed.substr(0, end);
    feed.remove_prefix(end + 1);
    if (line.starts_with(kData)) {
      const std::string_view data = line.substr(kData.size());
      text += "data: " + fakes::print_json(json::parse({data.data(), data.size()}), -1);
    } else {
      text += line;
    }
    text += '\n';
  }
  return text;
}

TEST(TestJson, ARunningTestLooksLikeItsGolden) {
  expect_json_golden("api/test.json", test_json(examples::running_test(), examples::edge_rules()));
}

TEST(TestJson, AFinishedTestLooksLikeItsGolden) {
  expect_json_golden("api/test-finished.json",
                     test_json(examples::finished_test(), examples::edge_rules()));
}

TEST(TestJson, ATestWithOptionsLooksLikeItsGolden) {
  expect_json_golden("api/test-samples.json",
                     test_json(examples::sampled_test(), examples::edge_rules()));
}

TEST(TestJson, TheAgentsLookLikeTheirGolden) {
  expect_json_golden("api/agents.json", agents_json(view_agents(examples::agent_records(),
                                                                examples::connected_agents())));
}

TEST(TestJson, TheFeedLooksLikeItsGolden) {
  fakes::expect_golden("api/events.sse", normalised(example_feed()));
}

TEST(TestJson, DoneCountsTheCitiesByHowTheyEnded) {
  EXPECT_EQ(json::parse(done_json(examples::finished_test())),
            json::parse(R"({"id": "0k3v9x2m7qf5d", "finished": 1, "failed": 1, "offline": 1,
                            "timed_out": 1})"));
}

TEST(TestJson, ThePhasesAndOtherAddUpToTheTotal) {
  const json::object timings = result_of(0).at("timings").as_object();
  std::int64_t sum = timings.at("other_us").as_int64();
  for (const char* phase : {"dns_us", "connect_us", "tls_us", "wait_us", "transfer_us"}) {
    sum += timings.at(phase).as_int64();
  }
  EXPECT_EQ(sum, timings.at("total_us").as_int64());
}

TEST(TestJson, NothingMeasuredHasNoRating) {
  EXPECT_TRUE(result_of(2).at("rating").is_null());
  const TestCity timed_out = examples::finished_test().cities.back();
  EXPECT_TRUE(parsed(timed_out).at("result").at("rating").is_null());
}

TEST(TestJson, NothingMeasuredHasNoNumberAtAll) {
  const json::object timings = result_of(2).at("timings").as_object();
  for (const auto& [name, value] : timings) {
    EXPECT_TRUE(value.is_null()) << name;
  }
}

TEST(TestJson, AResultSaysWhereItsRedirectsEnded) {
  TestCity city = examples::running_test().cities.at(1);
  city.received->measurement.url = "http://elsewhere.example.net/";
  EXPECT_EQ(parsed(city).at("result").at("url"), "http://elsewhere.example.net/");
  EXPECT_TRUE(result_of(2).at("url").is_null());
}

// Regression: what was stored before agents told it was shown as 0, and as a self-check passed.
TEST(TestJson, WhatAnAgentDidNotTellIsNull) {
  TestCity city = examples::running_test().cities.at(1);
  Measurement& measurement = city.received->measurement;
  measurement.body_bytes.reset();
  measurement.self_check.reset();
  measurement.dns = DnsAnswer{};
  const json::value result = parsed(city).at("result");
  EXPECT_TRUE(result.at("body_bytes").is_null());
  EXPECT_TRUE(result.at("self_check").is_null());
  EXPECT_TRUE(result.at("dns").at("transport").is_null());
}

TEST(TestJson, AnAgentThatDroppedOffIsToldFromOneThatWasNotThere) {
  TestCity city = examples::running_test().cities.at(2);
  city.elapsed = Micros{5};
  EXPECT_EQ(parsed(city).at("result").at("failure").at("message"),
            "the agent in São Paulo lost its connection during the test");
}

// Regression: of a failed lookup nothing was shown, so nobody could see which resolver it was.
TEST(TestJson, AFailedLookupShowsWhoWasAskedAndNoAddress) {
  TestCity city = examples::running_test().cities.at(1);
  city.received->measurement.dns = DnsAnswer{"192.0.2.53:53", {}, {"gone.example.net"}, false};
  EXPECT_EQ(parsed(city).at("result").at("dns"),
            json::parse(
                R"({"resolver": "192.0.2.53:53", "addresses": [], "cnames": ["gone.example.net"],
              "omitted": 0, "transport": "udp"})"));
}

TEST(TestJson, ACityUnderWayHasNoResult) {
  const json::value city = parsed(examples::running_test().cities.back());
  EXPECT_TRUE(city.at("result").is_null());
  EXPECT_EQ(city.at("elapsed_us"), 41'200);
}

TEST(TestJson, AnAutonomousSystemIsANumber) {
  TestCity city = examples::running_test().cities.at(0);
  city.agent.asn = 4'294'967'295;
  EXPECT_EQ(parsed(city).at("result").at("agent").at("asn").to_number<std::uint32_t>(),
            4'294'967'295U);
}

TEST(TestJson, QuotesAndControlCharactersInAHeaderSurvive) {
  TestCity city = examples::running_test().cities.at(0);
  city.received->measurement.headers = {{"x", "\"a\\b\"\t\x01\r\n</script>"}};
  EXPECT_EQ(parsed(city).at("result").at("headers").at(0).at(1), "\"a\\b\"\t\x01\r\n</script>");
}

TEST(TestJson, AnEventIsOneLine) {
  TestCity city = examples::running_test().cities.at(0);
  city.received->measurement.headers = {{"x", "a\nb\rc"}};
  EXPECT_EQ(city_json(city, examples::edge_rules()).find_first_of("\r\n"), std::string::npos);
}

TEST(TestJson, WithoutAgentsTheListIsEmpty) {
  EXPECT_EQ(json::parse(agents_json({})), json::parse(R"({"agents": []})"));
}

}  // namespace
}  // namespace firstbyte::collector
