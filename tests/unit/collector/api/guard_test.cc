#include "collector/api/guard.h"

#include <gmock/gmock.h>

#include "tests/fakes/collector_golden.h"
#include "tests/fakes/http_response.h"
#include "tests/fakes/manual_clock.h"
#include "tests/fakes/temp_dir.h"

namespace firstbyte::collector {
namespace {

using fakes::detail;
using fakes::header;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;
using namespace std::chrono_literals;

// A closed collector, with real tokens in a real database.
class GuardTest : public testing::Test {
 protected:
  ApiTokens::Created token(Scope scope, std::optional<WallTime> expires_at = {}) {
    return tokens_.create("a test", {scope}, expires_at).value();
  }
  static HttpRequest with(const std::string& token) {
    HttpRequest request;
    request.method = "GET";
    request.headers["authorization"] = "Bearer " + token;
    return request;
  }
  // As the page does it; the cookie alone, as the browser sends it back.
  std::string sign_in(const std::string& token, bool secure = false) {
    HttpRequest request;
    request.method = "POST";
    request.body = R"({"token": ")" + token + R"("})";
    request.secure = secure;
    answer_ = guard_.sign_in(request);
    const std::string cookie = header(*answer_, "Set-Cookie");
    return cookie.substr(0, cookie.find(';'));
  }
  static HttpRequest by_cookie(const std::string& cookie, const std::string& method = "GET") {
    HttpRequest request;
    request.method = method;
    request.headers["cookie"] = cookie;
    return request;
  }
  // 200 where nothing is refused.
  unsigned status(const HttpRequest& request, Scope scope) {
    answer_ = guard_.refuse(request, scope);
    return answer_ ? answer_->status : 200;
  }

  const fakes::TempDir folder_;
  fakes::ManualClock clock_;
  const std::unique_ptr<AccessDatabase> database_ = AccessDatabase::open(folder_.path()).value();
  ApiTokens tokens_{*database_, clock_};
  Guard guard_{HttpAccess::kToken, tokens_, clock_};
  std::optional<HttpResponse> answer_;
};

// ---- tokens

TEST_F(GuardTest, WithoutATokenNothingIsAnswered) {
  EXPECT_EQ(status({}, Scope::kRead), 401U);
  EXPECT_EQ(detail(*answer_),
            "this needs an API token with the scope \"read\", sent as Authorization: Bearer fbt_…");
  EXPECT_EQ(header(*answer_, "WWW-Authenticate"), "Bearer realm=\"firstbyte\"");
  fakes::expect_json_golden("api/problem-token.json", answer_->body);
}

TEST_F(GuardTest, AToken) {
  const std::string read = token(Scope::kRead).token;
  EXPECT_EQ(status(with(read), Scope::kRead), 200U);
  EXPECT_EQ(status(with(read), Scope::kTestsRun), 403U);
  EXPECT_EQ(status(with(read), Scope::kAdmin), 403U);
  const std::string run = token(Scope::kTestsRun).token;
  EXPECT_EQ(status(with(run), Scope::kRead), 200U);
  EXPECT_EQ(status(with(run), Scope::kTestsRun), 200U);
  EXPECT_EQ(status(with(run), Scope::kAdmin), 403U);
  EXPECT_EQ(status(with(token(Scope::kAdmin).token), Scope::kAdmin), 200U);
}

TEST_F(GuardTest, WhoMayNotLearnsWhatIsMissing) {
  EXPECT_EQ(status(with(token(Scope::kRead).token), Scope::kTestsRun), 403U);
  EXPECT_EQ(header(*answer_, "WWW-Authenticate"),
            "Bearer realm=\"firstbyte\", error=\"insufficient_scope\", scope=\"tests:run\"");
  fakes::expect_json_golden("api/problem-scope.json", answer_->body);
}

TEST_F(GuardTest, WhatIsNoTokenIsToldApartFromNone) {
  std::string wrong = token(Scope::kRead).token;
  wrong.back() = wrong.back() == '0' ? '1' : '0';
  for (const std::string& text : {wrong, std::string("fbt_"), std::string("a b"), std::string()}) {
    EXPECT_EQ(status(with(text), Scope::kRead), 401U) << text;
    EXPECT_EQ(detail(*answer_),
              "this is no API token of this collector, or it has expired or was revoked");
    EXPECT_EQ(header(*answer_, "WWW-Authenticate"),
              "Bearer realm=\"firstbyte\", error=\"invalid_token\"");
  }
}

TEST_F(GuardTest, ATokenEndsWhenItExpiresOrIsRevoked) {
  const auto revoked = token(Scope::kRead);
  const auto expiring = token(Scope::kRead, clock_.wall() + 1h);
  EXPECT_EQ(status(with(revoked.token), Scope::kRead), 200U);
  EXPECT_EQ(status(with(expiring.token), Scope::kRead), 200U);
  ASSERT_TRUE(tokens_.revoke(revoked.id));
  clock_.advance(1h);
  EXPECT_EQ(status(with(revoked.token), Scope::kRead), 401U);
  EXPECT_EQ(status(with(expiring.token), Scope::kRead), 401U);
}

TEST_F(GuardTest, NoAnswerHoldsAToken) {
  const std::string read = token(Scope::kRead).token;
  status(with(read), Scope::kAdmin);
  EXPECT_THAT(answer_->body, Not(HasSubstr(read)));
  status(with(read + "0"), Scope::kRead);
  EXPECT_THAT(answer_->body, Not(HasSubstr(read)));
  EXPECT_THAT(sign_in(read), Not(HasSubstr(read)));
}

// ---- a collector that is public

TEST_F(GuardTest, APublicCollectorAsksNobodyWhoReadsOrTests) {
  Guard guard(HttpAccess::kPublic, tokens_, clock_);
  EXPECT_FALSE(guard.refuse({}, Scope::kRead));
  EXPECT_FALSE(guard.refuse({}, Scope::kTestsRun));
  // Of a proxy in front, say, that asks for a password.
  HttpRequest basic;
  basic.headers["authorization"] = "Basic dXNlcjpwYXNz";
  EXPECT_FALSE(guard.refuse(basic, Scope::kRead));
}

TEST_F(GuardTest, APublicCollectorStillAsksWhoChangesIt) {
  Guard guard(HttpAccess::kPublic, tokens_, clock_);
  EXPECT_EQ(guard.refuse({}, Scope::kAdmin)->status, 401U);
  EXPECT_EQ(guard.refuse(with(token(Scope::kTestsRun).token), Scope::kAdmin)->status, 403U);
  EXPECT_FALSE(guard.refuse(with(token(Scope::kAdmin).token), Scope::kAdmin));
}

// ---- sessions

TEST_F(GuardTest, WhoSignsInGetsACookieThatNoScriptSees) {
  sign_in(token(Scope::kRead).token);
  EXPECT_EQ(answer_->status, 204U);
  EXPECT_THAT(header(*answer_, "Set-Cookie"),
              MatchesRegex("firstbyte_session=fbs_[0-9a-f_]+; Path=/; Max-Age=43200; HttpOnly; "
                           "SameSite=Strict"));
  sign_in(token(Scope::kRead).token, true);
  EXPECT_THAT(header(*answer_, "Set-Cookie"), testing::EndsWith("; SameSite=Strict; Secure"));
}

TEST_F(GuardTest, ACookieStandsForItsToken) {
  const std::string cookie = sign_in(token(Scope::kRead).token);
  EXPECT_EQ(status(by_cookie("other=1; " + cookie), Scope::kRead), 200U);
  HttpRequest post = by_cookie(cookie, "POST");
  post.headers["sec-fetch-site"] = "same-origin";
  EXPECT_EQ(status(post, Scope::kTestsRun), 403U);
  EXPECT_EQ(status(by_cookie("firstbyte_session=fbs_nonsense"), Scope::kRead), 401U);
}

TEST_F(GuardTest, ACookieOfAnotherOriginsRequestDoesNotCount) {
  const std::string cookie = sign_in(token(Scope::kTestsRun).token);
  HttpRequest post = by_cookie(cookie, "POST");
  EXPECT_EQ(status(post, Scope::kTestsRun), 401U);
  for (const char* site : {"same-site", "cross-site", "none"}) {
    post.headers["sec-fetch-site"] = site;
    EXPECT_EQ(status(post, Scope::kTestsRun), 401U) << site;
  }
  post.headers["sec-fetch-site"] = "same-origin";
  EXPECT_EQ(status(post, Scope::kTestsRun), 200U);
}

TEST_F(GuardTest, ACookieNeverChangesTheCollector) {
  const std::string cookie = sign_in(token(Scope::kAdmin).token);
  HttpRequest post = by_cookie(cookie, "POST");
  post.headers["sec-fetch-site"] = "same-origin";
  EXPECT_EQ(status(post, Scope::kTestsRun), 200U);
  EXPECT_EQ(status(post, Scope::kAdmin), 401U);
}

TEST_F(GuardTest, ARevokedTokensSessionsAreOver) {
  const auto created = token(Scope::kRead);
  const std::string cookie = sign_in(created.token);
  ASSERT_TRUE(tokens_.revoke(created.id));
  EXPECT_EQ(status(by_cookie(cookie), Scope::kRead), 401U);
}

TEST_F(GuardTest, WhoSignsOutIsOut) {
  const std::string cookie = sign_in(token(Scope::kRead).token);
  const HttpResponse response = guard_.sign_out(by_cookie(cookie, "DELETE"));
  EXPECT_EQ(response.status, 204U);
  EXPECT_THAT(header(response, "Set-Cookie"), StartsWith("firstbyte_session=; Path=/; Max-Age=0;"));
  EXPECT_EQ(status(by_cookie(cookie), Scope::kRead), 401U);
  EXPECT_EQ(guard_.sign_out({}).status, 204U);
}

TEST_F(GuardTest, NobodySignsInWithoutAToken) {
  EXPECT_EQ(sign_in("fbt_nonsense"), "");
  EXPECT_EQ(answer_->status, 401U);
}

TEST_F(GuardTest, ASignInIsOneTokenInAnObject) {
  for (const char* body : {"", "{}", "[]", "\"fbt_1\"", "{\"token\": 1}", "{\"token\"",
                           "{\"token\": \"fbt_1\", \"more\": 1}", "[[[[[[[[[[[[[[[[[[[[[[[["}) {
    HttpRequest request;
    request.body = body;
    const HttpResponse response = guard_.sign_in(request);
    EXPECT_EQ(response.status, 400U) << body;
    EXPECT_EQ(detail(response),
              "the body must be a JSON object with the member \"token\" and no other");
  }
}

}  // namespace
}  // namespace firstbyte::collector
