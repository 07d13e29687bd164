#include "collector/api/metrics.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <thread>

#include "collector/api/agent_metrics.h"
#include "tests/fakes/collector_examples.h"

namespace firstbyte::collector {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Metrics, SayWhichVersionRuns) {
  EXPECT_THAT(Metrics().scrape(),
              HasSubstr("firstbyte_build_info{version=\"" FIRSTBYTE_VERSION "\"} 1\n"));
}

TEST(Metrics, CountRequestsByRouteMethodAndStatus) {
  Metrics metrics;
  metrics.count_request("/api/v1/tests/{id}", "GET", 200, 0.001);
  metrics.count_request("/api/v1/tests/{id}", "GET", 200, 0.001);
  metrics.count_request("/api/v1/tests/{id}", "GET", 404, 0.001);
  const std::string text = metrics.scrape();
  EXPECT_THAT(text, HasSubstr("firstbyte_http_requests_total{method=\"GET\",route=\"/api/v1/tests/"
                              "{id}\",status=\"200\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("status=\"404\"} 1\n"));
}

TEST(Metrics, SortRequestDurationsIntoBucketsOfSeconds) {
  Metrics metrics;
  metrics.count_request("/", "GET", 200, 0.002);
  const std::string text = metrics.scrape();
  EXPECT_THAT(text, HasSubstr("_bucket{route=\"/\",le=\"0.001\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{route=\"/\",le=\"0.0025\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{route=\"/\",le=\"+Inf\"} 1\n"));
}

// Regression: a part that came up while Prometheus was already reading was added to a vector in
// use. TSan sees it.
TEST(Metrics, CanBeAddedWhileTheyAreRead) {
  Metrics metrics;
  std::thread adding([&] {
    for (int i = 0; i < 100; ++i) {
      metrics.add_counter(fmt::format("firstbyte_test_{}_total", i), "For this test",
                          [] { return std::uint64_t{1}; });
    }
  });
  for (int i = 0; i < 20; ++i) metrics.scrape();
  adding.join();
  EXPECT_THAT(metrics.scrape(), HasSubstr("firstbyte_test_99_total 1\n"));
}

TEST(Metrics, CountCommitsWithTheirDuration) {
  Metrics metrics;
  metrics.observe_commit(0.004);
  EXPECT_THAT(metrics.scrape(), HasSubstr("firstbyte_store_commit_duration_seconds_count 1\n"));
}

TEST(Metrics, CountTests) {
  Metrics metrics;
  EXPECT_THAT(metrics.scrape(), HasSubstr("firstbyte_tests_total 0\n"));
  metrics.count_test();
  EXPECT_THAT(metrics.scrape(), HasSubstr("firstbyte_tests_total 1\n"));
}

TEST(Metrics, ReadAddedCountersAndGaugesAnewForEachScrape) {
  Metrics metrics;
  std::uint64_t count = 1;
  double level = 2.5;
  metrics.add_counter("a_total", "As so far", [&] { return count; });
  metrics.add_gauge("b", "Bs now", [&] { return level; });
  EXPECT_THAT(metrics.scrape(), HasSubstr("# HELP a_total As so far\n# TYPE a_total counter\n"));
  count = 7;
  level = 0;
  const std::string text = metrics.scrape();
  EXPECT_THAT(text, HasSubstr("\na_total 7\n"));
  EXPECT_THAT(text, HasSubstr("# HELP b Bs now\n# TYPE b gauge\nb 0\n"));
}

TEST(Metrics, EscapeWhatALabelMayNotHold) {
  Metrics metrics;
  metrics.count_request("/\"\n\\", "GET", 200, 0);
  EXPECT_THAT(metrics.scrape(), HasSubstr("route=\"/\\\"\\n\\\\\""));
}

TEST(Metrics, ReadAddedFamiliesAnewForEachScrape) {
  Metrics metrics;
  std::vector<prometheus::MetricFamily> families;
  metrics.add_families([&] { return families; });
  EXPECT_THAT(metrics.scrape(), Not(HasSubstr("firstbyte_agent")));
  families = agent_metrics({});
  EXPECT_THAT(metrics.scrape(), HasSubstr("# TYPE firstbyte_agent_connected gauge\n"));
}

TEST(AgentMetrics, TellOfSpoolAndClockOfTheConnectedAlone) {
  Metrics metrics;
  metrics.add_families([] {
    return agent_metrics(view_agents(examples::agent_records(), examples::connected_agents()));
  });
  const std::string text = metrics.scrape();
  for (const char* line : {"firstbyte_agent_connected{agent=\"new-york\"} 1\n",
                           "firstbyte_agent_connected{agent=\"sao-paulo\"} 0\n",
                           "firstbyte_agent_lost_results{agent=\"new-york\"} 1200\n",
                           "firstbyte_agent_lost_results{agent=\"sao-paulo\"} 0\n",
                           "firstbyte_agent_spool_results{agent=\"new-york\"} 42\n",
                           "firstbyte_agent_spool_bytes{agent=\"new-york\"} 65536\n",
                           "firstbyte_agent_clock_offset_seconds{agent=\"new-york\"} -0.00018"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  EXPECT_THAT(text, Not(HasSubstr("spool_results{agent=\"sao-paulo\"}")));
  EXPECT_THAT(text, Not(HasSubstr("clock_offset_seconds{agent=\"sao-paulo\"}")));
}

// By the collector's clock: the agent's is 180 us behind.
TEST(AgentMetrics, TheOldestResultIsAsOldAsTheCollectorSeesIt) {
  Metrics metrics;
  metrics.add_families([] {
    return agent_metrics(view_agents(examples::agent_records(), examples::connected_agents()));
  });
  EXPECT_THAT(metrics.scrape(),
              HasSubstr("firstbyte_agent_spool_oldest_age_seconds{agent=\"new-york\"} 29.99982"));
}

TEST(Metrics, SayNothingOfRequestsBeforeTheFirst) {
  EXPECT_THAT(Metrics().scrape(), Not(HasSubstr("firstbyte_http_requests_total{")));
}

}  // namespace
}  // namespace firstbyte::collector
