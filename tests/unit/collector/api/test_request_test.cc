#include "collector/api/test_request.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <random>

namespace firstbyte::collector {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::chrono_literals;

TestRequest accepted(std::string_view body) {
  const Expected<TestRequest> request = parse_test_request(body);
  EXPECT_TRUE(request) << request.error().message;
  return request.value_or(TestRequest{});
}

// The field at fault and the sentence, as "/url: ...".
std::string refused(std::string_view body) {
  const Expected<TestRequest> request = parse_test_request(body);
  EXPECT_FALSE(request) << body;
  if (request) return {};
  EXPECT_EQ(request.error().kind, Error::Kind::kInvalid);
  return request.error().field + ": " + request.error().message;
}

std::string with_url(std::string_view url) { return fmt::format(R"({{"url": "{}"}})", url); }

// ---- good ones

TEST(TestRequest, NeedsNothingButAUrl) {
  const TestRequest request = accepted(R"({"url": "https://a.example/x"})");
  EXPECT_EQ(request.target.url, "https://a.example/x");
  EXPECT_THAT(request.agent_ids, IsEmpty());
  EXPECT_EQ(request.target.timeout, Micros{10s});
}

TEST(TestRequest, TakesAgentsInTheirOrder) {
  EXPECT_THAT(accepted(R"({"url": "http://a/", "agents": ["tokyo", "london"]})").agent_ids,
              ElementsAre("tokyo", "london"));
}

TEST(TestRequest, TakesATimeoutFrom100To30000Milliseconds) {
  EXPECT_EQ(accepted(R"({"url": "http://a/", "timeout_ms": 100})").target.timeout, Micros{100ms});
  EXPECT_EQ(accepted(R"({"url": "http://a/", "timeout_ms": 30000})").target.timeout, Micros{30s});
}

TEST(TestRequest, GivesTheUrlItsPath) {
  EXPECT_EQ(accepted(with_url("https://a.example")).target.url, "https://a.example/");
}

TEST(TestRequest, TakesAUrlOf2048Characters) {
  EXPECT_EQ(accepted(with_url("http://a/" + std::string(2039, 'x'))).target.url.size(), 2048U);
}

// ---- the body as a whole

TEST(TestRequest, RefusesAnEmptyBody) {
  EXPECT_THAT(refused(""), HasSubstr(": the body is not valid JSON: "));
}

TEST(TestRequest, RefusesBrokenJson) {
  EXPECT_THAT(refused(R"({"url": )"), HasSubstr(": the body is not valid JSON: "));
}

TEST(TestRequest, RefusesWhatFollowsTheObject) {
  EXPECT_THAT(refused(R"({"url": "http://a/"} x)"), HasSubstr("not valid JSON"));
}

TEST(TestRequest, RefusesTextThatIsNotUtf8) {
  EXPECT_THAT(refused("{\"url\": \"http://a/\xff\"}"), HasSubstr("not valid JSON"));
}

TEST(TestRequest, RefusesJsonThatIsTooDeep) {
  const std::string deep(100'000, '[');
  EXPECT_EQ(refused(deep), ": the JSON is nested more than 8 levels deep");
}

TEST(TestRequest, RefusesWhatIsNotAnObject) {
  for (const char* body : {"[]", "null", "7", "\"https://a.example/\""}) {
    EXPECT_EQ(refused(body), ": the body must be a JSON object");
  }
}

TEST(TestRequest, RefusesAnUnknownFieldAndNamesIt) {
  EXPECT_EQ(refused(R"({"url": "http://a/", "agent": "tokyo"})"), "/agent: there is no such field");
}

// Regression: the field is a JSON pointer, in which "/" and "~" are escaped.
TEST(TestRequest, EscapesTheNameOfAnUnknownFieldInThePointer) {
  EXPECT_EQ(refused(R"({"url": "http://a/", "a/b~c": 1})"), "/a~1b~0c: there is no such field");
}

// Regression: a long name was cut within a character, which made the problem document invalid JSON.
TEST(TestRequest, CutsALongNameBetweenCharacters) {
  const std::string name = std::string(63, 'a') + "é";
  EXPECT_EQ(refused(R"({"url": "http://a/", ")" + name + R"(": 1})"),
            "/" + std::string(63, 'a') + ": there is no such field");
}

// ---- the URL

TEST(TestRequest, RefusesAMissingUrl) { EXPECT_EQ(refused("{}"), "/url: the URL is missing"); }

TEST(TestRequest, RefusesAnEmptyUrl) {
  EXPECT_EQ(refused(with_url("")), "/url: the URL is missing");
}

TEST(TestRequest, RefusesAUrlThatIsNoString) {
  EXPECT_EQ(refused(R"({"url": ["http://a/"]})"), "/url: the URL must be a string");
}

TEST(TestRequest, RefusesAnotherSchemeThanHttpOrHttps) {
  EXPECT_EQ(refused(with_url("ftp://a.example/")),
            "/url: the scheme must be http or https, not ftp");
}

TEST(TestRequest, RefusesAUrlWithoutHost) {
  EXPECT_EQ(refused(with_url("https:///x")), "/url: the URL has no host");
}

TEST(TestRequest, RefusesAUrlOfMoreThan2048Characters) {
  EXPECT_EQ(refused(with_url("http://a/" + std::string(2040, 'x'))),
            "/url: the URL has 2049 characters, more than 2048");
}

TEST(TestRequest, RefusesCredentials) {
  EXPECT_EQ(refused(with_url("https://user:secret@a.example/")),
            "/url: the URL must not carry a user name or password");
}

TEST(TestRequest, DoesNotRepeatThePasswordItRefuses) {
  EXPECT_THAT(refused(with_url("https://user:secret@a.example/")),
              testing::Not(HasSubstr("secret")));
}

TEST(TestRequest, RefusesWhatIsNoUrl) {
  EXPECT_THAT(refused(with_url("https://[nonsense]/")), HasSubstr("/url: this is not a valid URL"));
}

// ---- the agents

TEST(TestRequest, RefusesAgentsThatAreNoList) {
  EXPECT_EQ(refused(R"({"url": "http://a/", "agents": "tokyo"})"),
            "/agents: the agents must be a list of at least one agent id");
}

TEST(TestRequest, RefusesAnEmptyListOfAgents) {
  EXPECT_EQ(refused(R"({"url": "http://a/", "agents": []})"),
            "/agents: the agents must be a list of at least one agent id");
}

TEST(TestRequest, RefusesAnAgentThatIsNoStringAndNamesItsPlace) {
  EXPECT_EQ(refused(R"({"url": "http://a/", "agents": ["tokyo", 7]})"),
            "/agents/1: an agent id must be a string");
}

TEST(TestRequest, RefusesMoreThanAThousandAgents) {
  std::string agents = "\"a\"";
  for (int i = 0; i < 1000; ++i) agents += ",\"a\"";
  EXPECT_EQ(refused(R"({"url": "http://a/", "agents": [)" + agents + "]}"),
            "/agents: there are more than 1000 agents");
}

// ---- the timeout

TEST(TestRequest, RefusesATimeoutOutOfRangeOrOfAnotherType) {
  for (const char* timeout : {"99", "60001", "0", "-1", "1000.5", "1e300", "18446744073709551615",
                              "\"1000\"", "null", "true", "[]", "{}"}) {
    EXPECT_EQ(refused(fmt::format(R"({{"url": "http://a/", "timeout_ms": {}}})", timeout)),
              "/timeout_ms: the timeout must be a whole number from 100 to 60000");
  }
}

// ---- what else a target has; tests/unit/common/target_json_test.cc has the rest

TEST(TestRequest, TakesATargetAndAgentsFromOneObject) {
  const TestRequest request = accepted(
      R"({"method": "HEAD", "agents": ["tokyo"], "url": "https://a.example/", "samples": 3})");
  EXPECT_EQ(request.target.method, Method::kHead);
  EXPECT_EQ(request.target.samples, 3);
  EXPECT_THAT(request.agent_ids, ElementsAre("tokyo"));
}

TEST(TestRequest, RefusesWhatATargetCannotBeAndNamesTheField) {
  EXPECT_EQ(refused(R"({"url": "http://a/", "expect": {"status": 99}})"),
            "/expect/status: an expected status must be a whole number from 100 to 599");
}

TEST(TestRequest, NeverCrashesOnMutatedBodies) {
  const std::string good =
      R"({"url": "https://a.example/x?y#z", "agents": ["tokyo", "são"], "timeout_ms": 1000,
          "method": "POST", "request_headers": [["accept", "a/b"]], "body": "x\u0000y",
          "family": "both", "connect_to": null, "resolver": "[2001:db8::1]:53", "samples": 3,
          "reuse": "warm", "limits_ms": {"dns": 50}, "max_redirects": 2, "http_version": "2",
          "expect": {"status": [200, 299], "headers": {"age": null}, "ttfb_ms": 5}})";
  std::mt19937_64 random(20261123);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  for (int i = 0; i < 20'000; ++i) {
    std::string body = good;
    for (std::size_t n = 1 + below(4); n > 0; --n) {
      const std::size_t at = below(body.size());
      switch (below(4)) {
        case 0:
          body[at] = static_cast<char>(random());
          break;
        case 1:
          body.erase(at, 1 + below(8));
          break;
        case 2:
          body.insert(at, body.substr(below(body.size()), below(16)));
          break;
        default:
          body.insert(at, 1, "{}[]\",:0\\e-"[below(11)]);
      }
      if (body.empty()) body = " ";
    }
    const Expected<TestRequest> request = parse_test_request(body);
    if (!request) {
      EXPECT_EQ(request.error().kind, Error::Kind::kInvalid) << body;
      EXPECT_FALSE(request.error().message.empty()) << body;
    }
  }
}

}  // namespace
}  // namespace firstbyte::collector
