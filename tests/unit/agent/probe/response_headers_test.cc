#include "agent/probe/response_headers.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

namespace firstbyte::agent {
namespace {

ResponseHeaders collect(std::initializer_list<std::string_view> lines) {
  ResponseHeaders headers;
  for (const std::string_view line : lines) headers.add_line(line);
  return headers;
}

TEST(ResponseHeaders, KeepTheirOrderAndEachRepetition) {
  const auto headers =
      collect({"HTTP/1.1 200 OK\r\n", "via: first\r\n", "a: 1\r\n", "via: second\r\n", "\r\n"});
  EXPECT_EQ(headers.headers(), (Headers{{"via", "first"}, {"a", "1"}, {"via", "second"}}));
  EXPECT_FALSE(headers.truncated());
}

TEST(ResponseHeaders, HaveLowerCaseNamesAndUntouchedValues) {
  EXPECT_EQ(collect({"X-Edge-Route: NY1\r\n"}).headers(), (Headers{{"x-edge-route", "NY1"}}));
}

TEST(ResponseHeaders, LoseTheSpaceAroundNameAndValue) {
  EXPECT_EQ(collect({"a :\t b c  \r\n"}).headers(), (Headers{{"a", "b c"}}));
}

TEST(ResponseHeaders, MayBeEmpty) {
  EXPECT_EQ(collect({"a:\r\n"}).headers(), (Headers{{"a", ""}}));
}

TEST(ResponseHeaders, KeepColonsInTheValue) {
  EXPECT_EQ(collect({"location: https://a:1/\r\n"}).headers(),
            (Headers{{"location", "https://a:1/"}}));
}

TEST(ResponseHeaders, LeaveOutWhatIsNoHeader) {
  EXPECT_EQ(collect({"nonsense\r\n", "\r\n", ""}).headers(), Headers{});
}

TEST(ResponseHeaders, TellNoSecrets) {
  for (const std::string name : {"Set-Cookie", "SET-COOKIE", "set-cookie2", "Authorization",
                                 "Proxy-Authorization", "Cookie"}) {
    const auto headers = collect({name + " : secret\r\n"});
    ASSERT_EQ(headers.headers().size(), 1U) << name;
    EXPECT_EQ(headers.headers().front().second, "<redacted>") << name;
  }
}

TEST(ResponseHeaders, TellNoSecretsBehindControlCharacters) {
  EXPECT_EQ(collect({"\x1fSet-Cookie\x0b: a=b\r\n"}).headers(),
            (Headers{{"set-cookie", "<redacted>"}}));
}

TEST(ResponseHeaders, HaveNames) {
  EXPECT_EQ(collect({": a\r\n", " : b\r\n"}).headers(), Headers{});
}

TEST(ResponseHeaders, AreOfTheFinalAnswerOnly) {
  const auto headers = collect(
      {"HTTP/1.1 103 Early Hints\r\n", "link: x\r\n", "\r\n", "HTTP/1.1 200 OK\r\n", "a: b\r\n"});
  EXPECT_EQ(headers.headers(), (Headers{{"a", "b"}}));
}

TEST(ResponseHeaders, KeepAsManyAsTheyMay) {
  ResponseHeaders headers;
  for (std::size_t i = 0; i < kMaxHeaders; ++i) headers.add_line("a: b\r\n");
  EXPECT_EQ(headers.headers().size(), kMaxHeaders);
  EXPECT_FALSE(headers.truncated());
}

TEST(ResponseHeaders, SayWhenThereWereMore) {
  ResponseHeaders headers;
  for (std::size_t i = 0; i <= kMaxHeaders; ++i) headers.add_line("a: b\r\n");
  EXPECT_EQ(headers.headers().size(), kMaxHeaders);
  EXPECT_TRUE(headers.truncated());
}

TEST(ResponseHeaders, KeepAsManyBytesAsTheyMay) {
  const auto headers = collect({"a:" + std::string(kMaxHeaderBytes - 1, 'b')});
  EXPECT_EQ(headers.headers().size(), 1U);
  EXPECT_FALSE(headers.truncated());
}

TEST(ResponseHeaders, SayWhenThereWereMoreBytes) {
  const auto headers = collect({"a:" + std::string(kMaxHeaderBytes, 'b')});
  EXPECT_EQ(headers.headers(), Headers{});
  EXPECT_TRUE(headers.truncated());
}

// Otherwise what is kept would have holes that nobody can see.
TEST(ResponseHeaders, KeepNothingBehindTheFirstThatDoesNotFit) {
  const auto headers =
      collect({"a: b\r\n", "big:" + std::string(kMaxHeaderBytes, 'b'), "c: d\r\n"});
  EXPECT_EQ(headers.headers(), (Headers{{"a", "b"}}));
  EXPECT_TRUE(headers.truncated());
}

TEST(ResponseHeaders, CountTheirBytesAsTheyAreKept) {
  // Latin-1 takes two bytes each in UTF-8.
  const auto headers = collect({"a:" + std::string(kMaxHeaderBytes - 1, '\xe9')});
  EXPECT_TRUE(headers.truncated());
}

TEST(ResponseHeaders, ForgetThatAnInterimAnswerWasTooLong) {
  const auto headers =
      collect({"HTTP/1.1 103 Early Hints\r\n", "big:" + std::string(kMaxHeaderBytes, 'b'),
               "HTTP/1.1 200 OK\r\n", "a: b\r\n"});
  EXPECT_EQ(headers.headers(), (Headers{{"a", "b"}}));
  EXPECT_FALSE(headers.truncated());
}

}  // namespace
}  // namespace firstbyte::agent
