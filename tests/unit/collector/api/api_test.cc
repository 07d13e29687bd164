#include "collector/api/api.h"

#include <gmock/gmock.h>

#include <array>
#include <set>

#include "collector/api/test_json.h"
#include "tests/fakes/collector_examples.h"
#include "tests/fakes/collector_golden.h"
#include "tests/fakes/fake_agent.h"
#include "tests/fakes/fake_store.h"
#include "tests/fakes/http_response.h"
#include "tests/fakes/manual_clock.h"
#include "tests/fakes/temp_dir.h"

namespace firstbyte::collector {
namespace {

namespace json = boost::json;
using fakes::connect_agent;
using fakes::header;
using testing::HasSubstr;
using testing::IsSupersetOf;

using Record = firstbyte::collector::Test;

constexpr std::array<Asset, 4> kFiles{{
    {"/index.html", "text/html; charset=utf-8", "\"1\"", "<page>", "", "", false},
    {"/openapi.json", "application/json; charset=utf-8", "\"2\"", "{}", "", "", false},
    {"/favicon.svg", "image/svg+xml", "\"3\"", "<svg>", "", "", false},
    {"/assets/a.js", "text/javascript; charset=utf-8", "\"4\"", "let", "", "", true},
}};

// What Firefox sends for an address that is typed in.
constexpr const char* kBrowser =
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

std::string body_of(const HttpResponse& response) {
  return response.static_body ? std::string(*response.static_body) : response.body;
}

class ApiTest : public testing::Test {
 protected:
  HttpReply ask(std::string method, std::string path, std::string body = {},
                std::map<std::string, std::string> headers = {}) {
    return router_->dispatch({.method = std::move(method),
                              .path = std::move(path),
                              .query = {},
                              .headers = std::move(headers),
                              .path_parameters = {},
                              .body = std::move(body),
                              .client = parse_address("192.0.2.1").value()});
  }
  HttpResponse get(std::string path) { return std::get<HttpResponse>(ask("GET", std::move(path))); }
  HttpResponse post(std::string body, std::string content_type = "application/json") {
    return std::get<HttpResponse>(
        ask("POST", "/api/v1/tests", std::move(body), {{"content-type", std::move(content_type)}}));
  }
  std::string problem_of(const HttpResponse& response) {
    EXPECT_EQ(response.content_type, "application/problem+json");
    const json::value problem = json::parse(response.body);
    EXPECT_EQ(problem.at("status"), response.status);
    return std::string(problem.at("detail").as_string());
  }
  // Every frame that waits for this viewer; empty when it is no stream.
  std::string events(const std::string& id, const std::string& last_event_id = "") {
    HttpReply reply =
        ask("GET", "/api/v1/tests/" + id + "/events", "", {{"last-event-id", last_event_id}});
    const auto source = std::get_if<std::unique_ptr<EventSource>>(&reply);
    if (source == nullptr) return {};
    std::string text;
    for (const auto& frame : (*source)->take().frames) text += *frame;
    return text;
  }

  // Of the first target's first city, so long after its last slot.
  std::string state_after(std::vector<CheckRecord> records, Micros time) {
    store_.put(std::move(records));
    clock_.step_wall(examples::at(100'180) + time - clock_.wall());
    return std::string(json::parse(get("/api/v1/targets").body)
                           .at_pointer("/targets/0/cities/0/state")
                           .as_string());
  }

  fakes::FakeStore store_;
  fakes::ManualClock clock_;
  AgentRegistry agents_;
  TestFeeds feeds_{"run"};
  Dispatcher dispatcher_{store_, agents_, feeds_, clock_};
  const fakes::TempDir folder_;
  const std::unique_ptr<AccessDatabase> access_ = AccessDatabase::open(folder_.path()).value();
  ApiTokens tokens_{*access_, clock_};
  Guard guard_{HttpAccess::kPublic, tokens_, clock_};
  TestLimits limits_{{.per_client = 60, .per_target = 120, .in_total = 240}, clock_};
  Metrics metrics_;
  const Assets assets_{kFiles};
  const CheckPlan plan_ = examples::check_plan();
  const std::shared_ptr<const Router> router_ =
      make_router({store_,
                   agents_,
                   dispatcher_,
                   feeds_,
                   guard_,
                   limits_,
                   metrics_,
                   assets_,
                   {"https://www.firstbyte.test:8443/",
                    "Loopback demo: every edge stands on this machine, so the times show no "
                    "distances."},
                   plan_,
                   clock_});
};

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
  EXPECT_EQ(response.body, test_json(examples::finished_test()));
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

TEST_F(ApiTest, TargetsLookLikeTheirGolden) {
  store_.put(examples::check_records());
  clock_.step_wall(examples::at(10'000'000) - clock_.wall());
  fakes::expect_json_golden("api/targets.json", get("/api/v1/targets").body);
}

// Regression: the target was shown as failed.
TEST_F(ApiTest, AFailureOfTheAgentSaysNothingOfTheTarget) {
  auto records = examples::check_records();
  records.resize(1);
  const auto state = [&](Origin origin) {
    records[0].last->failure = Failure{{}, origin, Cause::kInternal, "It did not work."};
    store_.put(records);
    clock_.step_wall(examples::at(10'000'000) - clock_.wall());
    return std::string(json::parse(get("/api/v1/targets").body)
                           .at_pointer("/targets/0/cities/0/state")
                           .as_string());
  };
  EXPECT_EQ(state(Origin::kAgent), "no_data");
  EXPECT_EQ(state(Origin::kTarget), "failed");
}

// Regression: a slot in the future, of an agent whose clock was ahead by nobody knows how much,
// kept the state for as long.
TEST_F(ApiTest, ASlotInTheFutureKeepsNoState) {
  connect_agent(agents_, "new-york");
  auto records = examples::check_records();
  records.resize(1);
  records[0].last->clock.reset();
  records[0].last->scheduled_at += std::chrono::hours{24};
  const Micros interval = examples::check_plan().targets().front().check.interval;
  EXPECT_EQ(state_after(records, 2 * interval), "finished");
  EXPECT_EQ(state_after(records, 3 * interval), "no_data");
}

// Regression: it was shown as up for a slot more than anybody could know.
TEST_F(ApiTest, AStateOfAnAgentThatIsNotConnectedEndsWithItsNextSlot) {
  auto records = examples::check_records();
  records.resize(1);
  const Check check = examples::check_plan().targets().front().check;
  const Micros wait = check.interval + check.target.timeout + std::chrono::seconds{2};
  EXPECT_EQ(state_after(records, wait), "finished");
  EXPECT_EQ(state_after(records, wait + Micros{1'000}), "no_data");
  connect_agent(agents_, "new-york");
  EXPECT_EQ(state_after(records, wait + Micros{1'000}), "finished");
}

// Regression: an agent that was not asked any more, and did not come back, had no data for ever.
TEST_F(ApiTest, ACityThatATargetDoesNotNameAnyMoreIsNotListed) {
  auto records = examples::check_records();
  for (auto& record : records) record.check = examples::check_plan().targets().at(1).check.id;
  records[1].agent = examples::tokyo();
  store_.put(records);
  const json::value targets = json::parse(get("/api/v1/targets").body).at("targets");
  const json::array& cities = targets.at(1).at("cities").as_array();
  ASSERT_THAT(cities, testing::SizeIs(1));
  EXPECT_EQ(cities.at(0).at("agent").at("id"), "tokyo");
}

TEST_F(ApiTest, TargetsThatCannotBeReadAreNone) {
  store_.break_reads();
  EXPECT_EQ(get("/api/v1/targets").status, 503U);
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
  for (const char* path : {"/", "/tests/0k3v9x2m7qf5d"}) {
    EXPECT_EQ(get(path).status, 200U) << path;
    EXPECT_EQ(body_of(get(path)), "<page>") << path;
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
           {"/api/v1/tests", "POST"},
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

// ---- the description against what is there

class OpenApiTest : public ApiTest {
 protected:
  static json::value document() {
    return json::parse(fakes::read_text(fakes::golden_folder().parent_path().parent_path() /
                                        "schema/openapi.json"),
                       {}, {.max_depth = 64});
  }
};

TEST_F(OpenApiTest, EveryPathOfTheDescriptionIsThere) {
  const json::object paths = document().at("paths").as_object();
  for (const auto& [path, methods] : paths) {
    EXPECT_EQ(router_->route(std::string(path)), std::string_view(path));
  }
}

TEST_F(OpenApiTest, EveryMethodOfTheDescriptionIsAnswered) {
  const json::object paths = document().at("paths").as_object();
  for (const auto& [path, methods] : paths) {
    for (const auto& [method, operation] : methods.as_object()) {
      std::string upper;
      for (const char c : std::string_view(method)) upper += static_cast<char>(std::toupper(c));
      const HttpReply reply = ask(upper, std::string(path));
      const auto* response = std::get_if<HttpResponse>(&reply);
      EXPECT_TRUE(response == nullptr || response->status != 405) << upper << " " << path;
    }
  }
}

// The names of a schema's required members, and those of an object, agree.
void expect_members(const json::value& schema, const json::value& object) {
  std::set<std::string> described;
  if (const json::value* required = schema.as_object().if_contains("required")) {
    for (const json::value& name : required->as_array()) described.emplace(name.as_string());
  }
  std::set<std::string> sent;
  for (const auto& [name, value] : object.as_object()) sent.emplace(name);
  EXPECT_THAT(sent, IsSupersetOf(described));
  for (const std::string& name : sent) {
    EXPECT_TRUE(schema.at("properties").as_object().contains(name)) << name << " is not described";
  }
}

TEST_F(OpenApiTest, DescribesEveryMemberOfTheGoldens) {
  const json::value schemas = document().at("components").at("schemas");
  const auto golden = [](const char* name) {
    return json::parse(fakes::read_text(fakes::golden_folder() / "api" / name), {},
                       {.max_depth = 32});
  };
  expect_members(schemas.at("Problem"), golden("problem.json"));
  const json::value result = golden("test.json").at("cities").at(0).at("result");
  expect_members(schemas.at("CityResult"), result);
  expect_members(schemas.at("Agent"), result.at("agent"));
  expect_members(schemas.at("Timings"), result.at("timings"));
  expect_members(schemas.at("SelfCheck"), result.at("self_check"));
  const json::value test = golden("test-samples.json");
  expect_members(schemas.at("Test"), test);
  expect_members(schemas.at("Target"), test.at("target"));
  expect_members(schemas.at("Expectations"), test.at("target").at("expect"));
  const json::value sampled = test.at("cities").at(0).at("result");
  expect_members(schemas.at("Failure"), sampled.at("failure"));
  expect_members(schemas.at("Exchange"), sampled.at("samples").at(0));
  expect_members(schemas.at("Exchange"), sampled.at("samples").at(0).at("redirects").at(0));
  expect_members(schemas.at("CityResult"),
                 golden("test-finished.json").at("cities").at(3).at("late"));
  const json::value agent = golden("agents.json").at("agents").at(0);
  expect_members(schemas.at("AgentStatus"), agent);
  expect_members(schemas.at("Spool"), agent.at("spool"));
  expect_members(schemas.at("Gap"), agent.at("gaps").at(0));
  expect_members(schemas.at("ClockStep"), agent.at("clock_steps").at(0));
  const json::value target = golden("targets.json").at("targets").at(0);
  expect_members(schemas.at("TargetStatus"), target);
  const json::value city = target.at("cities").at(0);
  expect_members(schemas.at("CheckedCity"), city);
  expect_members(schemas.at("SlotCounts"), city.at("slots"));
  expect_members(schemas.at("LastResult"), city.at("last"));
}

TEST_F(OpenApiTest, NamesEveryReasonOfAGap) {
  json::array reasons;
  for (int i = 0; i <= static_cast<int>(GapReason::kUnreported); ++i) {
    reasons.push_back(json::string(to_string(static_cast<GapReason>(i))));
  }
  const json::value gap = document().at("components").at("schemas").at("Gap");
  EXPECT_EQ(gap.at("properties").at("reason").at("enum"), reasons);
}

// Regression: causes that had come later were missing from the description.
TEST_F(OpenApiTest, NamesEveryCauseAndNoOther) {
  json::array causes;
  for (int i = 0; i <= static_cast<int>(kLastCause); ++i) {
    causes.push_back(json::string(to_string(static_cast<Cause>(i))));
  }
  const json::value failure = document().at("components").at("schemas").at("Failure");
  EXPECT_EQ(failure.at("properties").at("cause").at("enum"), causes);
}

TEST_F(OpenApiTest, APostedTestHasTheMembersOfATargetAndAgents) {
  const json::value description = document();
  const json::object& posted = description
                                   .at_pointer(
                                       "/paths/~1api~1v1~1tests/post/requestBody"
                                       "/content/application~1json/schema/properties")
                                   .as_object();
  json::object target = description.at_pointer("/components/schemas/Target/properties").as_object();
  EXPECT_TRUE(posted.contains("agents"));
  target["agents"] = posted.at("agents");
  EXPECT_EQ(posted, target);
}

}  // namespace
}  // namespace firstbyte::collector
