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
    EXPECT_EQ(refusal(name), fmt::format("the header {} is the agent's own to send", name));
  }
}

TEST(RequestHeader, WithoutANameIsRefused) {
  for (const char* name : {"", "a b", "a\x1b"}) {
    EXPECT_EQ(refusal(name), "a header's name is made of letters, digits and !#$%&'*+-.^_`|~");
  }
}

// A line end in a value would begin another header.
TEST(RequestHeader, ThatWouldBeSeveralIsRefusedWithoutTellingItsValue) {
  for (const char* value : {"a\r\nb: c", "a\nb", "\x01", "\x7f"}) {
    EXPECT_EQ(refusal("x-token", value), "the value of the header x-token has a control character");
  }
}

}  // namespace
}  // namespace firstbyte
