// The API behind a real server, by real sockets: who is let in, and how often.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <array>
#include <boost/json.hpp>
#include <set>

#include "collector/api/api.h"
#include "collector/api/http_server.h"
#include "tests/fakes/collector_examples.h"
#include "tests/fakes/collector_golden.h"
#include "tests/fakes/fake_agent.h"
#include "tests/fakes/fake_store.h"
#include "tests/fakes/manual_clock.h"
#include "tests/fakes/temp_dir.h"
#include "tests/unit/collector/api/raw_http_client.h"

namespace firstbyte::collector {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::array<Asset, 3> kFiles{{
    {"/index.html", "text/html; charset=utf-8", "\"1\"", "<page>", "", "", false},
    {"/openapi.json", "application/json; charset=utf-8", "\"2\"", "{}", "", "", false},
    {"/assets/a.js", "text/javascript; charset=utf-8", "\"4\"", "let", "", "", true},
}};

constexpr std::string_view kTest = R"({"url": "https://a.example/"})";

class ApiServerTest : public testing::Test {
 protected:
  void start(HttpAccess access, TestLimitRates rates = {}) {
    guard_.emplace(access, tokens_, clock_);
    limits_.emplace(rates, clock_);
    options_.address = "127.0.0.1";
    const auto router = make_router({store_,
                                     agents_,
                                     dispatcher_,
                                     feeds_,
                                     *guard_,
                                     *limits_,
                                     metrics_,
                                     assets_,
                                     {"https://a.example/", ""},
                                     plan_,
                                     clock_,
                                     examples::edge_rules()});
    auto server = HttpServer::start(options_, router);
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
    fakes::connect_agent(agents_, "tokyo");
  }
  // A whole request but for its Host; `headers` each with its line's end.
  RawHttpClient::Response ask(std::string_view line, std::string_view headers = "",
                              std::string_view body = "") const {
    RawHttpClient client(server_->port());
    client.send(fmt::format("{} HTTP/1.1\r\nHost: localhost\r\n{}Content-Length: {}\r\n\r\n{}",
                            line, headers, body.size(), body));
    return client.read_response();
  }
  RawHttpClient::Response post(std::string_view path, std::string_view headers,
                               std::string_view body) const {
    return ask(fmt::format("POST {}", path),
               fmt::format("Content-Type: application/json\r\n{}", headers), body);
  }
  std::string bearer(Scope scope) {
    return fmt::format("Authorization: Bearer {}\r\n", tokens_.create("t", {scope})->token);
  }
  // The header that a browser sends back once somebody has signed in with such a token.
  std::string cookie(Scope scope) {
    const auto signed_in =
        post("/api/v1/session", "",
             fmt::format("{{\"token\": \"{}\"}}", tokens_.create("t", {scope})->token));
    EXPECT_EQ(signed_in.status(), 204) << signed_in.head;
    const std::size_t at = signed_in.head.find("firstbyte_session=");
    return fmt::format("Cookie: {}\r\n",
                       signed_in.head.substr(at, signed_in.head.find(';', at) - at));
  }
  // From now on nobody can tell whose a token is.
  void ruin_access() {
    ASSERT_TRUE(access_->read([](Database& database) {
      return database.execute("ALTER TABLE api_token RENAME TO gone");
    }));
  }
  static std::string id_in(const RawHttpClient::Response& accepted) {
    constexpr std::string_view kLocation = "Location: /api/v1/tests/";
    return accepted.head.substr(accepted.head.find(kLocation) + kLocation.size(), 13);
  }

  const fakes::TempDir folder_;
  fakes::FakeStore store_;
  const CheckPlan plan_;
  fakes::ManualClock clock_;
  AgentRegistry agents_;
  TestFeeds feeds_{"run", examples::edge_rules()};
  Dispatcher dispatcher_{store_, agents_, feeds_, clock_};
  Metrics metrics_;
  const Assets assets_{kFiles};
  const std::unique_ptr<AccessDatabase> access_ = AccessDatabase::open(folder_.path()).value();
  ApiTokens tokens_{*access_, clock_};
  std::optional<Guard> guard_;
  std::optional<TestLimits> limits_;
  HttpServerOptions options_;
  std::unique_ptr<HttpServer> server_;  // before the rest goes
};

// ---- access

TEST_F(ApiServerTest, AClosedCollectorShowsNothingWithoutAToken) {
  start(HttpAccess::kToken);
  for (const char* path : {"/api/v1/agents", "/api/v1/info", "/api/v1/openapi.json", "/metrics",
                           "/api/v1/tests/0000000000000", "/api/v1/tests/0000000000000/events"}) {
    const auto response = ask(fmt::format("GET {}", path));
    EXPECT_EQ(response.status(), 401) << path;
    EXPECT_TRUE(response.has("WWW-Authenticate: Bearer realm=\"firstbyte\"")) << path;
    // Its length is that of a body that does not come; the end of the connection says so.
    EXPECT_EQ(ask(fmt::format("HEAD {}", path), "Connection: close\r\n").status(), 401) << path;
  }
  EXPECT_EQ(post("/api/v1/tests", "", kTest).status(), 401);
  EXPECT_EQ(dispatcher_.running(), 0U);
}

TEST_F(ApiServerTest, AClosedCollectorStillSaysHowItIsAndHasAPage) {
  start(HttpAccess::kToken);
  EXPECT_EQ(ask("GET /-/healthy").body, "healthy\n");
  EXPECT_EQ(ask("GET /-/ready").body, "ready\n");
  EXPECT_EQ(ask("GET /").body, "<page>");
  EXPECT_EQ(ask("GET /assets/a.js").body, "let");
}

// Or the status would tell which tests there are.
TEST_F(ApiServerTest, AClosedCollectorHasAPageForEveryTest) {
  start(HttpAccess::kToken);
  EXPECT_EQ(ask("GET /tests/0000000000000").status(), 200);
  EXPECT_EQ(ask("GET /tests/0000000000000", bearer(Scope::kRead)).status(), 404);
}

TEST_F(ApiServerTest, ATokenOpensWhatItsScopeSays) {
  start(HttpAccess::kToken);
  EXPECT_EQ(ask("GET /api/v1/agents", bearer(Scope::kRead)).status(), 200);
  EXPECT_EQ(ask("GET /metrics", bearer(Scope::kRead)).status(), 200);
  EXPECT_EQ(post("/api/v1/tests", bearer(Scope::kRead), kTest).status(), 403);
  EXPECT_EQ(post("/api/v1/tests", bearer(Scope::kTestsRun), kTest).status(), 202);
}

TEST_F(ApiServerTest, TwoAuthorizationsAreNone) {
  start(HttpAccess::kToken);
  const std::string token = bearer(Scope::kRead);
  EXPECT_EQ(ask("GET /api/v1/agents", token + token).status(), 401);
}

TEST_F(ApiServerTest, APageThatSignedInWatchesItsTest) {
  start(HttpAccess::kToken);
  const std::string session = cookie(Scope::kTestsRun);
  const auto accepted = post("/api/v1/tests", session + "Sec-Fetch-Site: same-origin\r\n", kTest);
  ASSERT_EQ(accepted.status(), 202) << accepted.body;
  RawHttpClient viewer(server_->port());
  viewer.send(fmt::format("GET /api/v1/tests/{}/events HTTP/1.1\r\nHost: localhost\r\n{}\r\n",
                          id_in(accepted), session));
  EXPECT_EQ(viewer.read_head().status(), 200);
  EXPECT_THAT(viewer.read_chunk(), HasSubstr("event: snapshot"));
}

TEST_F(ApiServerTest, AnotherSitesPageIsNotThePage) {
  start(HttpAccess::kToken);
  const std::string session = cookie(Scope::kTestsRun);
  EXPECT_EQ(post("/api/v1/tests", session, kTest).status(), 401);
  EXPECT_EQ(post("/api/v1/tests", session + "Origin: http://localhost:1\r\n", kTest).status(), 401);
  EXPECT_EQ(post("/api/v1/tests", session + "Origin: http://localhost\r\n", kTest).status(), 202);
}

TEST_F(ApiServerTest, WhoSignsOutIsAskedAgain) {
  start(HttpAccess::kToken);
  const std::string session = cookie(Scope::kRead);
  EXPECT_EQ(ask("GET /api/v1/info", session).status(), 200);
  EXPECT_EQ(ask("DELETE /api/v1/session", session).status(), 204);
  EXPECT_EQ(ask("GET /api/v1/info", session).status(), 401);
}

TEST_F(ApiServerTest, ASignInIsJson) {
  start(HttpAccess::kToken);
  EXPECT_EQ(ask("POST /api/v1/session", "Content-Type: text/plain\r\n", "{}").status(), 415);
  EXPECT_EQ(post("/api/v1/session", "", "{}").status(), 400);
  EXPECT_EQ(post("/api/v1/session", "", R"({"token": "fbt_1"})").status(), 401);
}

TEST_F(ApiServerTest, TheCookieIsSecureBehindAProxyThatSpeaksTls) {
  options_.trusted_proxies = {parse_network("127.0.0.0/8").value()};
  start(HttpAccess::kToken);
  const std::string body =
      fmt::format("{{\"token\": \"{}\"}}", tokens_.create("t", {Scope::kRead})->token);
  EXPECT_THAT(post("/api/v1/session", "X-Forwarded-Proto: https\r\n", body).head,
              HasSubstr("; SameSite=Strict; Secure\r\n"));
  EXPECT_THAT(post("/api/v1/session", "", body).head, Not(HasSubstr("Secure")));
}

// ---- limits

TEST_F(ApiServerTest, ATestTooManyIsToldWhenToComeBack) {
  start(HttpAccess::kPublic, {.per_client = 1, .per_target = 0, .in_total = 0});
  const auto first = post("/api/v1/tests", "", kTest);
  EXPECT_EQ(first.status(), 202);
  EXPECT_TRUE(first.has("X-RateLimit-Limit: 1"));
  EXPECT_TRUE(first.has("X-RateLimit-Remaining: 0"));
  const auto second = post("/api/v1/tests", "", kTest);
  EXPECT_EQ(second.status(), 429);
  EXPECT_TRUE(second.has("Retry-After: 60"));
  EXPECT_TRUE(second.has("X-RateLimit-Reset: 60"));
  EXPECT_THAT(second.body, HasSubstr("a client (127.0.0.1) gets at most 1 samples a minute"));
  EXPECT_EQ(dispatcher_.running(), 1U);
}

TEST_F(ApiServerTest, ClientsCannotForgeThemselvesAnotherAddress) {
  start(HttpAccess::kPublic, {.per_client = 1, .per_target = 0, .in_total = 0});
  EXPECT_EQ(post("/api/v1/tests", "X-Forwarded-For: 192.0.2.1\r\n", kTest).status(), 202);
  EXPECT_EQ(post("/api/v1/tests", "X-Forwarded-For: 192.0.2.2\r\n", kTest).status(), 429);
}

TEST_F(ApiServerTest, ClientsBehindAProxyAreTheirOwn) {
  options_.trusted_proxies = {parse_network("127.0.0.1").value()};
  start(HttpAccess::kPublic, {.per_client = 1, .per_target = 0, .in_total = 0});
  EXPECT_EQ(post("/api/v1/tests", "X-Forwarded-For: 192.0.2.1\r\n", kTest).status(), 202);
  EXPECT_EQ(post("/api/v1/tests", "X-Forwarded-For: 192.0.2.2\r\n", kTest).status(), 202);
  const auto again = post("/api/v1/tests", "X-Forwarded-For: 198.51.100.1, 192.0.2.2\r\n", kTest);
  EXPECT_EQ(again.status(), 429);
  EXPECT_THAT(again.body, HasSubstr("a client (192.0.2.2)"));
}

// Regression: strangers read SQLite's words.
TEST_F(ApiServerTest, WhatIsWrongWithTheDatabaseOfTokensIsNotTold) {
  start(HttpAccess::kToken);
  const std::string token = bearer(Scope::kRead);
  ruin_access();
  const auto response = ask("GET /api/v1/agents", token);
  EXPECT_EQ(response.status(), 503);
  EXPECT_THAT(response.body,
              HasSubstr("it cannot be found out at present whose this API token is"));
  EXPECT_THAT(response.body, Not(HasSubstr("api_token")));
}

TEST_F(ApiServerTest, WhoIsNotLetInCostsNothing) {
  start(HttpAccess::kToken, {.per_client = 1, .per_target = 1, .in_total = 1});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(post("/api/v1/tests", "", kTest).status(), 401);
    EXPECT_EQ(post("/api/v1/tests", bearer(Scope::kRead), kTest).status(), 403);
  }
  EXPECT_EQ(post("/api/v1/tests", bearer(Scope::kTestsRun), kTest).status(), 202);
}

// ---- what everybody may be answered, against schema/openapi.json

namespace json = boost::json;

class DescribedAnswersTest : public ApiServerTest {
 protected:
  struct Operation {
    std::string line;  // "GET /api/v1/agents"
    bool guarded = false;
    std::set<int> described;
  };
  static std::vector<Operation> operations() {
    const json::value document =
        json::parse(fakes::read_text(fakes::golden_folder().parent_path().parent_path() /
                                     "schema/openapi.json"),
                    {}, {.max_depth = 64});
    std::vector<Operation> all;
    for (const auto& [path, methods] : document.at("paths").as_object()) {
      for (const auto& [method, operation] : methods.as_object()) {
        std::string upper;
        for (const char c : std::string_view(method)) upper += static_cast<char>(std::toupper(c));
        Operation& each = all.emplace_back();
        each.line = upper + " " + std::string(path);
        if (const auto at = each.line.find("{id}"); at != std::string::npos) {
          each.line.replace(at, 4, "0000000000000");
        }
        each.guarded = !operation.at("security").as_array().empty();
        for (const auto& [status, answer] : operation.at("responses").as_object()) {
          each.described.insert(std::stoi(status));
        }
      }
    }
    return all;
  }
};

TEST_F(DescribedAnswersTest, ToARequestForAnotherHost) {
  start(HttpAccess::kToken);
  for (const Operation& operation : operations()) {
    RawHttpClient client(server_->port());
    client.send(operation.line + " HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    EXPECT_EQ(client.read_response().status(), 421) << operation.line;
    EXPECT_TRUE(operation.described.contains(421)) << operation.line;
  }
}

TEST_F(DescribedAnswersTest, ToWhoeverHasNoToken) {
  start(HttpAccess::kToken);
  for (const Operation& operation : operations()) {
    if (!operation.guarded) continue;
    EXPECT_EQ(ask(operation.line).status(), 401) << operation.line;
    EXPECT_TRUE(operation.described.contains(401)) << operation.line;
  }
}

TEST_F(DescribedAnswersTest, ToWhoeverCannotBeTold) {
  start(HttpAccess::kToken);
  const std::string token = tokens_.create("t", {Scope::kAdmin})->token;
  ruin_access();
  for (const Operation& operation : operations()) {
    const auto response =
        ask(operation.line,
            fmt::format("Authorization: Bearer {}\r\nContent-Type: application/json\r\n", token),
            fmt::format("{{\"token\": \"{}\"}}", token));
    EXPECT_TRUE(!operation.guarded || response.status() == 503) << operation.line;
    EXPECT_TRUE(operation.described.contains(response.status()))
        << operation.line << " is answered by " << response.status();
  }
}

}  // namespace
}  // namespace firstbyte::collector
