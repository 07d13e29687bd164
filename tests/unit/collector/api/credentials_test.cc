#include "collector/api/credentials.h"

#include <gtest/gtest.h>

namespace firstbyte::collector {
namespace {

TEST(BearerToken, IsWhatFollowsTheScheme) {
  EXPECT_EQ(bearer_token("Bearer fbt_1_2"), "fbt_1_2");
  EXPECT_EQ(bearer_token("bearer   fbt_1_2"), "fbt_1_2");
}

TEST(BearerToken, IsNotInAnythingElse) {
  for (const char* value :
       {"", "Bearer", "Bearer ", "fbt_1_2", "Basic dXNlcjpwYXNz", "Bearerfbt_1", "Bearer a b",
        "Bearer a, Bearer b", "Bearer a\tb", "Bearer \"a\"", "Bearer \xc3\xa9", "Token a"}) {
    EXPECT_FALSE(bearer_token(value)) << value;
  }
}

TEST(Cookie, IsFoundByItsName) {
  EXPECT_EQ(cookie("a=1", "a"), "1");
  EXPECT_EQ(cookie("a=1; b=2;c=3", "b"), "2");
  EXPECT_EQ(cookie("a=1; b=2;c=3", "c"), "3");
  EXPECT_EQ(cookie("a=x=y", "a"), "x=y");
  EXPECT_EQ(cookie("a=", "a"), "");
  EXPECT_EQ(cookie("a=1; a=2", "a"), "1");
}

TEST(Cookie, IsNotFoundByAnotherName) {
  for (const char* value : {"", "a", "aa=1", "A=1", "b=a=1", ";;", "=1"}) {
    EXPECT_FALSE(cookie(value, "a")) << value;
  }
}

HttpRequest with(std::map<std::string, std::string> headers) {
  HttpRequest request;
  request.headers = std::move(headers);
  return request;
}

TEST(SameOrigin, IsWhatTheBrowserSays) {
  EXPECT_TRUE(is_same_origin(with({{"sec-fetch-site", "same-origin"}})));
  for (const char* site : {"same-site", "cross-site", "none", "same-origin, cross-site"}) {
    EXPECT_FALSE(is_same_origin(with({{"sec-fetch-site", site}}))) << site;
  }
}

TEST(SameOrigin, IsToldByOriginWhereTheBrowserSaysNothingElse) {
  EXPECT_TRUE(
      is_same_origin(with({{"origin", "http://A.example:8080"}, {"host", "a.example:8080"}})));
  for (const char* origin : {"http://a.example", "http://a.example:9090", "http://b.example:8080",
                             "null", "", "a.example:8080", "http://a.example:8080.evil"}) {
    EXPECT_FALSE(is_same_origin(with({{"origin", origin}, {"host", "a.example:8080"}}))) << origin;
  }
}

TEST(SameOrigin, OriginDoesNotOverrideWhatTheBrowserSays) {
  EXPECT_FALSE(is_same_origin(with(
      {{"sec-fetch-site", "same-site"}, {"origin", "http://a.example"}, {"host", "a.example"}})));
}

TEST(SameOrigin, IsNotAssumed) {
  EXPECT_FALSE(is_same_origin(with({})));
  EXPECT_FALSE(is_same_origin(with({{"origin", "http://"}, {"host", "a.example"}})));
}

}  // namespace
}  // namespace firstbyte::collector
