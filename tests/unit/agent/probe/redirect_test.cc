#include "agent/probe/redirect.h"

#include <gtest/gtest.h>

namespace firstbyte::agent {
namespace {

HttpRequest request(std::string_view url, Method method = Method::kGet, Headers headers = {}) {
  return {.url = parse_target_url(url).value(),
          .address = "192.0.2.1",
          .port = 8443,
          .method = method,
          .headers = std::move(headers),
          .body = method == Method::kPost ? "a=b" : ""};
}

HttpRequest followed(const HttpRequest& from, int status, std::string_view location) {
  Expected<HttpRequest> next = follow_redirect(from, status, location);
  return next ? *std::move(next) : HttpRequest{};
}

std::string url_after(std::string_view location) {
  return followed(request("https://a.example/"), 302, location).url.text;
}

std::string refusal_of(std::string_view location) {
  const auto next = follow_redirect(request("https://a.example/"), 302, location);
  return next ? "" : next.error().message;
}

TEST(Redirect, IsOneOfFiveStatuses) {
  for (const int status : {301, 302, 303, 307, 308}) EXPECT_TRUE(is_redirect(status)) << status;
  for (const int status : {0, 200, 300, 304, 305, 306, 309, 404}) {
    EXPECT_FALSE(is_redirect(status)) << status;
  }
}

TEST(Redirect, LeadsToAnAddressThatIsNotKnownYet) {
  const HttpRequest next = followed(request("https://a.example/"), 301, "https://a.example/b");
  EXPECT_EQ(next.url.text, "https://a.example/b");
  EXPECT_EQ(next.address, "");
  EXPECT_EQ(next.port, 0);
}

TEST(Redirect, TurnsAPostIntoAGetAsBrowsersDo) {
  for (const int status : {301, 302, 303}) {
    const HttpRequest next = followed(request("https://a.example/", Method::kPost,
                                              {{"Content-Type", "text/plain"}, {"X-Kept", "1"}}),
                                      status, "https://a.example/b");
    EXPECT_EQ(next.method, Method::kGet) << status;
    EXPECT_EQ(next.body, "");
    EXPECT_EQ(next.headers, (Headers{{"X-Kept", "1"}}));
  }
}

TEST(Redirect, KeepsAPostWithItsBody) {
  for (const int status : {307, 308}) {
    const HttpRequest next =
        followed(request("https://a.example/", Method::kPost, {{"Content-Type", "text/plain"}}),
                 status, "https://a.example/b");
    EXPECT_EQ(next.method, Method::kPost) << status;
    EXPECT_EQ(next.body, "a=b");
    EXPECT_EQ(next.headers, (Headers{{"Content-Type", "text/plain"}}));
  }
}

TEST(Redirect, KeepsAHead) {
  for (const int status : {301, 302, 303, 307, 308}) {
    EXPECT_EQ(
        followed(request("https://a.example/", Method::kHead), status, "https://a.example/").method,
        Method::kHead)
        << status;
  }
}

// Regression: those that are secrets by their ending were told everyone.
const Headers kSecrets{
    {"Authorization", "Basic x"}, {"COOKIE", "a=b"}, {"X-Api-Key", "c"}, {"x-auth-token", "d"},
    {"Client-Secret", "e"},       {"my-KEY", "f"},   {"X-Kept", "1"}};

class AnotherOrigin : public testing::TestWithParam<const char*> {};

TEST_P(AnotherOrigin, IsToldNoSecrets) {
  EXPECT_EQ(
      followed(request("https://a.example/", Method::kGet, kSecrets), 307, GetParam()).headers,
      (Headers{{"X-Kept", "1"}}));
}

INSTANTIATE_TEST_SUITE_P(Redirect, AnotherOrigin,
                         testing::Values("https://b.example/", "http://a.example/",
                                         "https://a.example:8443/", "http://a.example:443/",
                                         "https://sub.a.example/"));

TEST(Redirect, TellsTheSameOriginEverything) {
  for (const char* url :
       {"https://a.example/b", "https://A.example:443/", "https://a.example/?c#d"}) {
    EXPECT_EQ(followed(request("https://a.example/", Method::kGet, kSecrets), 307, url).headers,
              kSecrets)
        << url;
  }
}

// Regression: what a host may do is not undone by its coming back.
TEST(Redirect, HasForgottenTheSecretsWhenItComesBack) {
  const HttpRequest away =
      followed(request("https://a.example/", Method::kGet, kSecrets), 302, "https://b.example/");
  EXPECT_EQ(followed(away, 302, "https://a.example/").headers, (Headers{{"X-Kept", "1"}}));
}

TEST(Redirect, EncodesWhatServersWriteIntoAUrl) {
  EXPECT_EQ(url_after("https://b.example/a b"), "https://b.example/a%20b");
  EXPECT_EQ(url_after("https://b.example/caf\xc3\xa9?q=[1]|\"<>"),
            "https://b.example/caf%C3%A9?q=%5B1%5D%7C%22%3C%3E");
  EXPECT_EQ(url_after("https://b.example/100%/%2F%zz%4"), "https://b.example/100%25/%2F%25zz%254");
  EXPECT_EQ(url_after("https://b.example/a\\..\\b"), "https://b.example/a%5C..%5Cb");
  EXPECT_EQ(url_after("https://b.example?q={}"), "https://b.example/?q=%7B%7D");
}

TEST(Redirect, LeavesOutTheFragment) {
  EXPECT_EQ(url_after("https://b.example/a#b#c d"), "https://b.example/a");
}

TEST(Redirect, MayGoFromHttpsToHttp) {
  EXPECT_EQ(url_after("http://a.example/"), "http://a.example/");
}

TEST(Redirect, MayNotGoToAnotherScheme) {
  EXPECT_EQ(refusal_of("ftp://a.example/"), "the scheme must be http or https, not ftp");
  EXPECT_NE(refusal_of("file:///etc/passwd"), "");
  EXPECT_NE(refusal_of("javascript:alert(1)"), "");
  EXPECT_NE(refusal_of("gopher://a.example:25/_HELO"), "");
}

TEST(Redirect, MayNotCarryCredentials) {
  EXPECT_EQ(refusal_of("https://user:secret@b.example/"),
            "the URL must not carry a user name or password");
}

TEST(Redirect, MustBeAUrl) {
  for (const char* location :
       {"", "/", "nonsense", "https://", "https:///x", "http://[::1", "https://b.example:99999/",
        "https://a b.example/", "http://\xff/", "https://b\\.example/", "//b.example/"}) {
    EXPECT_NE(refusal_of(location), "") << location;
  }
  EXPECT_NE(refusal_of("https://b.example/" + std::string(kMaxUrlLength, 'x')), "");
}

}  // namespace
}  // namespace firstbyte::agent
