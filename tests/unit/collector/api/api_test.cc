#include "collector/api/api.h"

#include <gmock/gmock.h>

#include "collector/api/test_json.h"
#include "tests/fakes/collector_golden.h"
#include "tests/unit/collector/api/api_fixture.h"

namespace firstbyte::collector {
namespace {

namespace json = boost::json;
using fakes::connect_agent;
using fakes::header;
using testing::HasSubstr;

using Record = firstbyte::collector::Test;

// What Firefox sends for an address that is typed in.
constexpr const char* kBrowser =
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

std::string body_of(const HttpResponse& response) {
  return response.static_body ? std::string(*response.static_body) : response.body;
}

// ---- POST /tests

TEST_F(ApiTest, ATestIsAcceptedAndSaysWhereItIs) {
  connect_agent(agents_, "tokyo");
  const HttpResponse response = post(R"({"url": "https://a.example/"})");
  EXPECT_EQ(response.status, 202U);
  EXPECT_EQ(response.content_type, "application/json");
  const json::value test = json::parse(response.body);
  EXPECT_EQ(test.at("url"), "https://a.example/");
  EXPECT_EQ(header(response, "Location"),
            "/api/v1/tests/" + std::string(test.at("id").as_string()));
}

TEST_F(ApiTest, TheLocationLeadsToTheTest) {
  connect_agent(agents_, "tokyo");
  const HttpResponse response = post(R"({"url": "https://a.example/"})");
  const HttpResponse test = get(header(response, "Location"));
  EXPECT_EQ(test.status, 200U);
  EXPECT_EQ(json::parse(test.body).at("id"), json::parse(response.body).at("id"));
}

TEST_F(ApiTest, AnOfflineAgentIsOfflineAtOnceAndTheOthersAreNot) {
  connect_agent(agents_, "tokyo");
  store_.record_agent(fakes::agent_in("london"), "0.1.0", clock_.wall(), [](const auto&) {});
  const HttpResponse response = post(R"({"url": "https://a.example/"})");
  const json::value test = json::parse(get(header(response, "Location")).body);
  EXPECT_EQ(test.at("cities").at(0).at("state"), "offline");
  EXPECT_EQ(test.at("cities").at(1).at("state"), "dispatched");
}

TEST_F(ApiTest, StartedTestsAreCounted) {
  connect_agent(agents_, "tokyo");
  post(R"({"url": "https://a.example/"})");
  post(R"({"url": "ftp://a.example/"})");
  EXPECT_THAT(metrics_.scrape(), HasSubstr("firstbyte_tests_total 1\n"));
}

TEST_F(ApiTest, AStartedTestSaysHowMuchIsLeft) {
  connect_agent(agents_, "tokyo");
  connect_agent(agents_, "london");
  const HttpResponse response = post(R"({"url": "https://a.example/", "samples": 3})");
  EXPECT_EQ(header(response, "X-RateLimit-Limit"), "60");
  EXPECT_EQ(header(response, "X-RateLimit-Remaining"), "54");
  EXPECT_EQ(header(response, "X-RateLimit-Reset"), "6");
}

TEST_F(ApiTest, OneTestTooManyLooksLikeItsGolden) {
  connect_agent(agents_, "tokyo");
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(post(R"({"url": "https://a.example/", "samples": 10})").status, 202U);
  }
  const HttpResponse response = post(R"({"url": "https://b.example/", "samples": 10})");
  EXPECT_EQ(response.status, 429U);
  EXPECT_EQ(header(response, "Retry-After"), "10");
  fakes::expect_json_golden("api/problem-limit.json", response.body);
  EXPECT_THAT(metrics_.scrape(), HasSubstr("firstbyte_tests_total 6\n"));
}

TEST_F(ApiTest, WhatIsRefusedForAnotherReasonCostsNothing) {
  connect_agent(agents_, "tokyo");
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(post(R"({"url": "ftp://a.example/"})").status, 400U);
    EXPECT_EQ(post(R"({"url": "https://a.example/", "agents": ["nobody"]})").status, 400U);
    EXPECT_EQ(post(R"({"url": "https://a.example/"})", "text/plain").status, 415U);
  }
  const HttpResponse response = post(R"({"url": "https://a.example/"})");
  EXPECT_EQ(header(response, "X-RateLimit-Remaining"), "59");
}

TEST_F(ApiTest, ATestThatNoAgentIsThereForCostsNothing) {
  EXPECT_EQ(post(R"({"url": "https://a.example/"})").status, 503U);
  connect_agent(agents_, "tokyo");
  EXPECT_EQ(header(post(R"({"url": "https://a.example/"})"), "X-RateLimit-Remaining"), "59");
}

// Else a full disk would open the probes to everyone: the orders leave before the disk is asked.
TEST_F(ApiTest, ATestThatCouldNotBeStoredHasBeenOrderedAndCosts) {
  connect_agent(agents_, "tokyo");
  store_.break_writes("the disk is full");
  EXPECT_EQ(post(R"({"url": "https://a.example/"})").status, 503U);
  store_.break_writes({});
  EXPECT_EQ(header(post(R"({"url": "https://a.example/"})"), "X-RateLimit-Remaining"), "58");
}

TEST_F(ApiTest, ABadRequestLooksLikeItsGolden) {
  const HttpResponse response = post(R"({"url": "ftp://a.example/"})");
  EXPECT_EQ(response.status, 400U);
  fakes::expect_json_golden("api/problem.json", response.body);
}

TEST_F(ApiTest, AnUnknownAgentIsABadRequestThatNamesItsPlace) {
  connect_agent(agents_, "tokyo");
  const HttpResponse response = post(R"({"url": "https://a/", "agents": ["tokyo", "atlantis"]})");
  EXPECT_EQ(response.status, 400U);
  EXPECT_EQ(json::parse(response.body).at("field"), "/agents/1");
}

TEST_F(ApiTest, WithoutAnyAgentATestIsNotPossibleAtPresent) {
  const HttpResponse response = post(R"({"url": "https://a.example/"})");
  EXPECT_EQ(response.status, 503U);
  EXPECT_EQ(problem_of(response), "no agent is connected to this collector");
}

TEST_F(ApiTest, ATestThatCannotBeStoredIsNotPossibleAtPresent) {
  connect_agent(agents_, "tokyo");
  store_.break_writes("the disk is full");
  const HttpResponse response = post(R"({"url": "https://a.example/"})");
  EXPECT_EQ(response.status, 503U);
  EXPECT_EQ(problem_of(response), "the disk is full");
}

TEST_F(ApiTest, ABodyThatIsNotSentAsJsonIsRefused) {
  connect_agent(agents_, "tokyo");
  for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded"}) {
    const HttpResponse response = post(R"({"url": "https://a.example/"})", type);
    EXPECT_EQ(response.status, 415U) << type;
    EXPECT_THAT(problem_of(response), HasSubstr("Content-Type: application/json"));
  }
}

TEST_F(ApiTest, AJsonBodyMayNameItsCharset) {
  connect_agent(agents_, "tokyo");
  EXPECT_EQ(post(R"({"url": "https://a/"})", "application/json; charset=utf-8").status, 202U);
}

// ---- GET /tests/{id}

// The end of a city could not be written, say for want of disk space.
TEST_F(ApiTest, AStoredTestThatNobodyFollowsHasEnded) {
  store_.put(examples::running_test());
  const HttpResponse response = get("/api/v1/tests/" + examples::running_test().id);
  EXPECT_EQ(json::parse(response.body, {}, {.max_depth = 32}).at("state"), "finished");
  EXPECT_THAT(response.body, HasSubstr("timed_out"));
  EXPECT_THAT(events(examples::running_test().id), HasSubstr("event: done"));
}

TEST_F(ApiTest, AStoredTestIsShownAsItIs) {
  store_.put(examples::finished_test());
  const HttpResponse response = get("/api/v1/tests/0k3v9x2m7qf5d");
  EXPECT_EQ(response.status, 200U);
  EXPECT_EQ(response.body, test_json(examples::finished_test(), examples::edge_rules()));
}

TEST_F(ApiTest, AnUnknownTestIsNotFound) {
  const HttpResponse response = get("/api/v1/tests/0000000000000");
  EXPECT_EQ(response.status, 404U);
  EXPECT_EQ(problem_of(response), "no test is called \"0000000000000\"");
}

TEST_F(ApiTest, AnIdThatCannotBeOneIsNotFound) {
  for (const char* path : {"/api/v1/tests/x", "/api/v1/tests/'; DROP TABLE test; --"}) {
    EXPECT_EQ(get(path).status, 404U) << path;
  }
}

// Regression: a long id was cut within a character, which made the problem document invalid JSON.
TEST_F(ApiTest, ALongIdIsCutBetweenCharacters) {
  const HttpResponse response = get("/api/v1/tests/" + std::string(63, 'a') + "é");
  EXPECT_EQ(problem_of(response), "no test is called \"" + std::string(63, 'a') + "\"");
}

TEST_F(ApiTest, AStoreThatCannotBeReadIsAProblem) {
  store_.break_reads();
  EXPECT_EQ(get("/api/v1/tests/0000000000000").status, 503U);
  EXPECT_EQ(get("/api/v1/tests/0000000000000/events").status, 503U);
  EXPECT_EQ(get("/api/v1/agents").status, 503U);
}

// ---- GET /tests/{id}/events

TEST_F(ApiTest, TheEventsOfATestUnderWayBeginWithItsSnapshot) {
  connect_agent(agents_, "tokyo");
  const json::value test = json::parse(post(R"({"url": "https://a.example/"})").body);
  EXPECT_THAT(events(std::string(test.at("id").as_string())),
              testing::StartsWith("id: run-0\nevent: snapshot\ndata: {"));
}

TEST_F(ApiTest, TheEventsOfAFinishedTestComeFromTheStore) {
  store_.put(examples::finished_test());
  const std::string text = events("0k3v9x2m7qf5d");
  EXPECT_THAT(text, HasSubstr("event: snapshot\n"));
  EXPECT_THAT(text, HasSubstr("event: done\n"));
}

TEST_F(ApiTest, EventsResumeAfterTheLastOneSeen) {
  connect_agent(agents_, "tokyo");
  const std::string id(
      json::parse(post(R"({"url": "https://a.example/"})").body).at("id").as_string());
  dispatcher_.on_progress("tokyo", id, Phase::kDns, Micros{1});
  dispatcher_.on_progress("tokyo", id, Phase::kConnect, Micros{2});
  EXPECT_THAT(events(id, "run-1"), testing::StartsWith("id: run-2\nevent: city\n"));
}

TEST_F(ApiTest, EventsAfterAnIdOfAnotherRunBeginAnew) {
  connect_agent(agents_, "tokyo");
  const std::string id(
      json::parse(post(R"({"url": "https://a.example/"})").body).at("id").as_string());
  EXPECT_THAT(events(id, "before-7"), HasSubstr("event: snapshot\n"));
}

TEST_F(ApiTest, ThereAreNoEventsOfAnUnknownTest) {
  EXPECT_EQ(get("/api/v1/tests/0000000000000/events").status, 404U);
}

// ---- the rest

TEST_F(ApiTest, AnAgentIsListedBeforeItsRecordIsOnDisk) {
  connect_agent(agents_, "tokyo");
  const json::value agents = json::parse(get("/api/v1/agents").body).at("agents");
  EXPECT_EQ(agents.at(0).at("agent").at("id"), "tokyo");
  EXPECT_EQ(agents.at(0).at("state"), "connected");
}

TEST_F(ApiTest, AgentsAreThoseThatAreKnownConnectedOrNot) {
  connect_agent(agents_, "tokyo");
  for (const char* city : {"tokyo", "london"}) {
    store_.record_agent(fakes::agent_in(city), "0.1.0", clock_.wall(), [](const auto&) {});
  }
  const json::value agents = json::parse(get("/api/v1/agents").body).at("agents");
  EXPECT_EQ(agents.at(0).at("state"), "offline");
  EXPECT_EQ(agents.at(1).at("state"), "connected");
}

TEST_F(ApiTest, InfoLooksLikeItsGolden) {
  fakes::expect_json_golden("api/info.json", get("/api/v1/info").body);
}

TEST_F(ApiTest, ItIsHealthyEvenWhenItCannotWrite) {
  store_.break_writes("the disk is full");
  EXPECT_EQ(get("/-/healthy").status, 200U);
}

TEST_F(ApiTest, ItIsReadyWhileItCanWrite) {
  EXPECT_EQ(get("/-/ready").status, 200U);
  store_.break_writes("the disk is full");
  EXPECT_EQ(get("/-/ready").status, 503U);
  EXPECT_EQ(get("/-/ready").body, "the disk is full\n");
}

TEST_F(ApiTest, MetricsAreInTheTextFormat) {
  const HttpResponse response = get("/metrics");
  EXPECT_EQ(response.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(response.body, HasSubstr("firstbyte_build_info"));
}

TEST_F(ApiTest, ThePageIsServedAtEachOfItsAddresses) {
  store_.put(examples::finished_test());
  for (const char* path : {"/", "/tests/0k3v9x2m7qf5d", "/history"}) {
    EXPECT_EQ(get(path).status, 200U) << path;
    EXPECT_EQ(body_of(get(path)), "<page>") << path;
  }
}

TEST_F(ApiTest, TheHistoryIsThePageWhateverItsQuery) {
  for (const char* url : {"https://a.example/", "nothing that is a URL", ""}) {
    const auto response = std::get<HttpResponse>(ask_with("/history", {{"url", url}}));
    EXPECT_EQ(response.status, 200U) << url;
    EXPECT_EQ(body_of(response), "<page>") << url;
  }
}

TEST_F(ApiTest, ThePageOfATestUnderWayIsThere) {
  connect_agent(agents_, "tokyo");
  const json::value test = json::parse(post(R"({"url": "https://a.example/"})").body);
  EXPECT_EQ(get("/tests/" + std::string(test.at("id").as_string())).status, 200U);
}

// Regression: it was 200, as if there were such a test.
TEST_F(ApiTest, ThePageOfAnUnknownTestIsThePageAndNotFound) {
  for (const char* path : {"/tests/0000000000000", "/tests/x"}) {
    EXPECT_EQ(get(path).status, 404U) << path;
    EXPECT_EQ(get(path).content_type, "text/html; charset=utf-8") << path;
    EXPECT_EQ(body_of(get(path)), "<page>") << path;
  }
}

TEST_F(ApiTest, ThePageOfAnUnknownTestIsNotFoundWhateverTheBrowserHas) {
  const auto response =
      std::get<HttpResponse>(ask("GET", "/tests/x", "", {{"if-none-match", "\"1\""}}));
  EXPECT_EQ(response.status, 404U);
  EXPECT_EQ(header(response, "ETag"), "");
}

TEST_F(ApiTest, ThePageOfATestIsThereWhenTheStoreCannotTell) {
  store_.break_reads();
  EXPECT_EQ(get("/tests/0000000000000").status, 200U);
}

// Regression: whoever mistyped an address saw raw JSON.
TEST_F(ApiTest, ABrowserGetsThePageWhereNothingIs) {
  const auto response = std::get<HttpResponse>(ask("GET", "/nowhere", "", {{"accept", kBrowser}}));
  EXPECT_EQ(response.status, 404U);
  EXPECT_EQ(body_of(response), "<page>");
}

TEST_F(ApiTest, ABrowserGetsAProblemWhereTheApiHasNothing) {
  const auto response =
      std::get<HttpResponse>(ask("GET", "/api/v1/nowhere", "", {{"accept", kBrowser}}));
  EXPECT_EQ(response.status, 404U);
  EXPECT_EQ(problem_of(response), "there is nothing at /api/v1/nowhere");
}

TEST_F(ApiTest, AnyOtherClientGetsAProblemWhereNothingIs) {
  for (const char* accept : {"", "*/*", "application/json", "application/json, text/html;q=0.5"}) {
    const auto response = std::get<HttpResponse>(ask("GET", "/nowhere", "", {{"accept", accept}}));
    EXPECT_EQ(response.status, 404U) << accept;
    EXPECT_EQ(problem_of(response), "there is nothing at /nowhere");
  }
}

TEST_F(ApiTest, ThePagesFilesAreServed) {
  EXPECT_EQ(body_of(get("/favicon.svg")), "<svg>");
  EXPECT_EQ(body_of(get("/assets/a.js")), "let");
  EXPECT_EQ(get("/assets/b.js").status, 404U);
}

TEST_F(ApiTest, TheDescriptionOfTheApiIsServed) {
  const HttpResponse response = get("/api/v1/openapi.json");
  EXPECT_EQ(response.status, 200U);
  EXPECT_EQ(body_of(response), "{}");
}

TEST_F(ApiTest, AnUnknownPathIsNotFound) {
  for (const char* path : {"/nowhere", "/api/v1", "/api/v1/tests/a/b/c", "/-/", "/../etc/passwd"}) {
    EXPECT_EQ(get(path).status, 404U) << path;
  }
}

TEST_F(ApiTest, AnotherMethodIsNotAllowedAndTheAnswerSaysWhichIs) {
  for (const auto& [path, allowed] : std::map<std::string, std::string>{
           {"/api/v1/tests", "GET, HEAD, POST"},
           {"/api/v1/tests/0000000000000", "GET, HEAD"},
           {"/api/v1/tests/0000000000000/events", "GET, HEAD"},
           {"/api/v1/agents", "GET, HEAD"},
           {"/api/v1/info", "GET, HEAD"},
           {"/api/v1/session", "DELETE, POST"},
           {"/api/v1/openapi.json", "GET, HEAD"},
           {"/-/healthy", "GET, HEAD"},
           {"/-/ready", "GET, HEAD"},
           {"/metrics", "GET, HEAD"},
           {"/", "GET, HEAD"},
       }) {
    const auto response = std::get<HttpResponse>(ask("PUT", path));
    EXPECT_EQ(response.status, 405U) << path;
    EXPECT_EQ(header(response, "Allow"), allowed) << path;
  }
}

}  // namespace
}  // namespace firstbyte::collector
