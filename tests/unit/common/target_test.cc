#include "common/target.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace firstbyte {
namespace {

std::string refusal(std::string_view name, std::string_view value = "x") {
  const Expected<> checked = check_request_header(name, value);
  return checked ? "accepted" : checked.error().field + checked.error().message;
}

TEST(HeaderName, IsAToken) {
  EXPECT_TRUE(is_header_name("X-Request_ID.1"));
  for (const std::string_view bad : {"", "a b", "a:", "a\r", "\xc3\xa9", "(a)"}) {
    EXPECT_FALSE(is_header_name(bad)) << bad;
  }
}

TEST(RequestHeader, MayBeAnythingThatIsNotTheAgentsOwn) {
  for (const char* name : {"accept", "User-Agent", "Cookie", "authorization", "TEst", "hosts"}) {
    EXPECT_EQ(refusal(name), "accepted");
  }
  EXPECT_EQ(refusal("x-empty", ""), "accepted");
  EXPECT_EQ(refusal("x-name", "M\xc3\xbcnchen"), "accepted");
}

TEST(RequestHeader, OfFramingOrOfTheConnectionIsRefused) {
  for (const char* name : {"Host", "CONNECTION", "content-length", "Transfer-Encoding", "expect",
                           "TE", "upgrade", "Keep-Alive", "trailer", "Proxy-Authorization"}) {
    EXPECT_EQ(refusal(name), fmt::format("the header {} is set by the agent itself", name));
  }
}

TEST(RequestHeader, WithoutANameIsRefused) {
  EXPECT_EQ(refusal(""), "a header has no name");
  EXPECT_EQ(refusal("a b\x1b"), "a b  is not a header name");
}

// A line end in a value would begin another header.
TEST(RequestHeader, ThatWouldBeSeveralIsRefusedWithoutTellingItsValue) {
  for (const std::string_view value : {"a\r\nb: c", "a\nb", "\x01", "\xff"}) {
    EXPECT_EQ(refusal("x-token", value),
              "the value of the header x-token holds control characters or is not UTF-8");
  }
}

}  // namespace
}  // namespace firstbyte
