#include "collector/api/http_wire.h"

#include <gtest/gtest.h>

namespace firstbyte::collector {
namespace {

HttpRequest parsed(std::string_view target) {
  HttpRequest request;
  EXPECT_TRUE(parse_target(target, request)) << target;
  return request;
}

bool refused(std::string_view target) {
  HttpRequest request;
  return !parse_target(target, request);
}

HttpResponse text_of(std::string type) {
  HttpResponse response;
  response.content_type = std::move(type);
  response.body = "hello";
  return response;
}

std::string head(const HttpResponse& response) {
  return response_head(response, BodyFraming::kLength, true);
}

bool has(const std::string& head, std::string_view line) {
  return head.find("\r\n" + std::string(line) + "\r\n") != std::string::npos;
}

TEST(ParseTarget, DecodesThePathAndTheParameters) {
  const HttpRequest request = parsed("/a%20b?city=S%C3%A3o+Paulo&empty=&bare");
  EXPECT_EQ(request.path, "/a b");
  const std::map<std::string, std::string> query{
      {"city", "São Paulo"}, {"empty", ""}, {"bare", ""}};
  EXPECT_EQ(request.query, query);
}

TEST(ParseTarget, TakesTheFirstOfAParameterGivenTwice) {
  EXPECT_EQ(parsed("/?id=1&id=2").query.at("id"), "1");
}

TEST(ParseTarget, AcceptsTheAbsoluteFormThatProxiesSend) {
  const HttpRequest request = parsed("http://example.net/tests?id=1");
  EXPECT_EQ(request.path, "/tests");
  EXPECT_EQ(request.query.at("id"), "1");
  EXPECT_EQ(parsed("http://example.net").path, "/");
}

TEST(ParseTarget, RefusesBrokenEscapes) {
  EXPECT_TRUE(refused("/%zz"));
  EXPECT_TRUE(refused("/%4"));
  EXPECT_TRUE(refused("/?a=%"));
}

TEST(ParseTarget, RefusesWhatIsNoPath) {
  EXPECT_TRUE(refused(""));
  EXPECT_TRUE(refused("*"));
  EXPECT_TRUE(refused("example.net:443"));
  EXPECT_TRUE(refused("/a b"));
  EXPECT_TRUE(refused("http://example.net:80)/"));
}

TEST(ParseTarget, RefusesWhatDoesNotDecodeToPrintableUtf8) {
  EXPECT_TRUE(refused("/%00"));
  EXPECT_TRUE(refused("/a%0Ab"));
  EXPECT_TRUE(refused("/%FF"));
  EXPECT_TRUE(refused("/%C3"));
  EXPECT_TRUE(refused("/%C0%AF"));
  EXPECT_TRUE(refused("/%ED%A0%80"));
  EXPECT_TRUE(refused("/%F4%90%80%80"));
  EXPECT_TRUE(refused("/?a=%FF"));
}

TEST(ResponseHead, CarriesTheCommonHeaders) {
  const std::string bytes = head(text_of("text/plain"));
  EXPECT_TRUE(bytes.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(bytes.ends_with("\r\n\r\n"));
  EXPECT_TRUE(has(bytes, "Server: firstbyte"));
  EXPECT_TRUE(has(bytes, "X-Content-Type-Options: nosniff"));
  EXPECT_TRUE(has(bytes, "Referrer-Policy: no-referrer"));
  EXPECT_TRUE(has(bytes, "Content-Length: 5"));
}

TEST(ResponseHead, RestrictsWhatPagesMayLoad) {
  EXPECT_TRUE(has(head(text_of("text/html; charset=utf-8")),
                  "Content-Security-Policy: default-src 'self'; script-src 'self'; style-src "
                  "'self'; img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri "
                  "'none'; form-action 'self'; frame-ancestors 'none'"));
  EXPECT_EQ(head(text_of("text/plain")).find("Content-Security-Policy"), std::string::npos);
}

TEST(ResponseHead, AllowsPagesNothingInline) {
  EXPECT_EQ(head(text_of("text/html; charset=utf-8")).find("unsafe"), std::string::npos);
}

TEST(ResponseHead, KeepsJsonOutOfCachesUnlessTheHandlerSaysOtherwise) {
  HttpResponse response = text_of("application/json");
  EXPECT_TRUE(has(head(response), "Cache-Control: no-store"));
  response.headers = {{"cache-control", "max-age=5"}};
  EXPECT_FALSE(has(head(response), "Cache-Control: no-store"));
}

TEST(ResponseHead, DoesNotLetAValueStartANewHeader) {
  HttpResponse response = text_of("text/plain");
  response.headers = {{"Location", "/a\r\nSet-Cookie: b"}};
  EXPECT_TRUE(has(head(response), "Location: /aSet-Cookie: b"));
}

TEST(ResponseHead, SpeaksOfNoBodyWhereNoneMayBe) {
  for (const unsigned status : {204U, 304U}) {
    HttpResponse response = text_of("text/plain");
    response.status = status;
    EXPECT_EQ(head(response).find("\r\nContent-"), std::string::npos) << status;
    EXPECT_EQ(response_body(response), "") << status;
  }
}

TEST(ResponseHead, CountsNoBytesWithoutAContentType) {
  EXPECT_TRUE(has(head(text_of("")), "Content-Length: 0"));
}

TEST(MethodLabel, IsBounded) {
  EXPECT_EQ(method_label("GET"), "GET");
  EXPECT_EQ(method_label("BREW"), "OTHER");
}

}  // namespace
}  // namespace firstbyte::collector
