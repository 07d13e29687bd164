#include "common/target.h"

#include <gtest/gtest.h>

namespace firstbyte {
namespace {

std::string refused(std::string_view name, std::string_view value = "x") {
  const Expected<> checked = check_request_header(name, value);
  EXPECT_FALSE(checked) << name;
  return checked ? "" : checked.error().message;
}

TEST(Target, EveryWordIsReadAsItIsWritten) {
  for (const Method method : kMethods) EXPECT_EQ(method_from_string(to_string(method)), method);
  for (const HttpVersion version : kHttpVersions) {
    EXPECT_EQ(http_version_from_string(to_string(version)), version);
  }
  EXPECT_EQ(method_from_string("get"), std::nullopt);
  EXPECT_EQ(http_version_from_string("1.0"), std::nullopt);
}

TEST(RequestHeader, TakesWhatAClientMaySend) {
  for (const char* name : {"Accept", "x-trace_id", "If-None-Match", "Range", "proxy", "a!#$%&'*"}) {
    EXPECT_TRUE(check_request_header(name, "text/html; q=0.5, é")) << name;
  }
  EXPECT_TRUE(check_request_header("x-empty", ""));
}

TEST(RequestHeader, RefusesANameThatIsNoToken) {
  for (const char* name : {"", "a b", "a:", ":path", "a\r\nb", "é", "a(b)"}) {
    EXPECT_EQ(refused(name), "a header's name is made of letters, digits and !#$%&'*+-.^_`|~");
  }
}

TEST(RequestHeader, RefusesAValueThatLeavesItsLine) {
  for (const char* value : {"a\r\nx: y", "a\n", "\t", "\x7f"}) {
    EXPECT_EQ(refused("accept", value), "the value of the header accept has a control character");
  }
  EXPECT_FALSE(check_request_header("accept", std::string_view("\0", 1)));
}

TEST(RequestHeader, RefusesThoseOfTheConnectionAndTheFraming) {
  for (const char* name :
       {"host", "Connection", "Content-Length", "Transfer-Encoding", "Expect", "TE", "Upgrade",
        "Proxy-Connection", "Proxy-Authorization", "Keep-Alive", "Trailer", "HTTP2-Settings"}) {
    EXPECT_EQ(refused(name), "the header " + std::string(name) + " is the agent's own to send");
  }
}

TEST(Redacted, TakesAwayTheValuesOfSecretsOnly) {
  Target target{.url = "http://a/"};
  for (const char* name : {"Authorization", "COOKIE", "X-API-Key", "x-auth-token", "client-secret",
                           "accept", "x-tokens", "token", "key"}) {
    target.headers.emplace_back(name, "s");
  }
  const Target shown = redacted(target);
  for (std::size_t i = 0; i < target.headers.size(); ++i) {
    EXPECT_EQ(shown.headers[i].first, target.headers[i].first);
    EXPECT_EQ(shown.headers[i].second, i < 5 ? "<redacted>" : "s") << shown.headers[i].first;
  }
}

}  // namespace
}  // namespace firstbyte
