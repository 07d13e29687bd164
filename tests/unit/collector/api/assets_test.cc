#include "collector/api/assets.h"

#include <gtest/gtest.h>

#include <array>

#include "tests/fakes/http_response.h"

namespace firstbyte::collector {
namespace {

using fakes::header;

constexpr std::array<Asset, 3> kTable{{
    {"/index.html", "text/html; charset=utf-8", "\"1a\"", "<identity>", "<br>", "<gz>", false},
    {"/assets/index-Cx0_bT4q.js", "text/javascript; charset=utf-8", "\"2b\"", "let", "", "l", true},
    {"/logo.png", "image/png", "\"3c\"", "png", "", "", false},
}};

HttpResponse serve(std::string_view path, std::map<std::string, std::string> headers = {}) {
  HttpRequest request;
  request.headers = std::move(headers);
  return Assets(kTable).serve(request, path);
}

// What a client that sends this Accept-Encoding gets.
std::string encoding_for(const std::string& accept) {
  const HttpResponse response = serve("/index.html", {{"accept-encoding", accept}});
  const std::string name = header(response, "Content-Encoding");
  EXPECT_EQ(*response.static_body, name.empty() ? "<identity>" : name == "br" ? "<br>" : "<gz>");
  return name;
}

unsigned status_for(const std::string& if_none_match, const std::string& accept = "") {
  return serve("/index.html", {{"if-none-match", if_none_match}, {"accept-encoding", accept}})
      .status;
}

TEST(Assets, ServesAFileAsItIs) {
  const HttpResponse response = serve("/index.html");
  EXPECT_EQ(response.status, 200U);
  EXPECT_EQ(response.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(response.static_body, "<identity>");
  EXPECT_EQ(header(response, "Content-Encoding"), "");
}

TEST(Assets, AnswersAnUnknownPathWithAProblem) {
  EXPECT_EQ(serve("/index").status, 404U);
  EXPECT_EQ(serve("").content_type, "application/problem+json");
}

TEST(Assets, PrefersBrotliAmongEquals) {
  EXPECT_EQ(encoding_for("gzip, deflate, br, zstd"), "br");
  EXPECT_EQ(encoding_for("*"), "br");
}

TEST(Assets, FollowsTheWeightsOfTheClient) {
  EXPECT_EQ(encoding_for("br;q=0.5, gzip"), "gzip");
  EXPECT_EQ(encoding_for("br;q=0.5, gzip;q=0.1"), "br");
  EXPECT_EQ(encoding_for("gzip;q=0.5, identity;q=0.8"), "");
}

TEST(Assets, NeverSendsWhatTheClientRefuses) {
  EXPECT_EQ(encoding_for("br;q=0, gzip"), "gzip");
  EXPECT_EQ(encoding_for("br;q=0.000, gzip; Q=0"), "");
  EXPECT_EQ(encoding_for("*;q=0"), "");
  EXPECT_EQ(encoding_for("gzip;q=0, *"), "br");
}

TEST(Assets, SendsTheFileAsItIsWhenNothingElseFits) {
  EXPECT_EQ(encoding_for(""), "");
  EXPECT_EQ(encoding_for("deflate"), "");
  EXPECT_EQ(encoding_for("br;q=much"), "");
}

TEST(Assets, SkipsAnEncodingThatTheFileDoesNotHave) {
  const HttpResponse response =
      serve("/assets/index-Cx0_bT4q.js", {{"accept-encoding", "br, gzip"}});
  EXPECT_EQ(header(response, "Content-Encoding"), "gzip");
}

TEST(Assets, VariesByEncodingOnlyWhereThereIsAChoice) {
  EXPECT_EQ(header(serve("/index.html"), "Vary"), "Accept-Encoding");
  EXPECT_EQ(header(serve("/logo.png"), "Vary"), "");
}

TEST(Assets, GivesEachEncodingAnETagOfItsOwn) {
  const auto etag = [](const std::string& accept) {
    return header(serve("/index.html", {{"accept-encoding", accept}}), "ETag");
  };
  EXPECT_EQ(etag(""), "\"1a\"");
  EXPECT_EQ(etag("gzip"), "\"1a-gz\"");
  EXPECT_EQ(etag("br"), "\"1a-br\"");
}

TEST(Assets, SendsNothingThatTheClientHas) {
  const HttpResponse response = serve("/index.html", {{"if-none-match", "\"1a\""}});
  EXPECT_EQ(response.status, 304U);
  EXPECT_EQ(response.content_type, "");
  EXPECT_FALSE(response.static_body);
  EXPECT_EQ(header(response, "ETag"), "\"1a\"");
  EXPECT_EQ(header(response, "Vary"), "Accept-Encoding");
}

TEST(Assets, FindsTheETagInListsAndBehindWeakMarks) {
  EXPECT_EQ(status_for("\"x\", W/\"1a\""), 304U);
  EXPECT_EQ(status_for("*"), 304U);
  EXPECT_EQ(status_for("\"x\""), 200U);
  EXPECT_EQ(status_for("1a"), 200U);
}

TEST(Assets, DoesNotTakeTheETagOfAnotherEncoding) {
  EXPECT_EQ(status_for("\"1a\"", "br"), 200U);
  EXPECT_EQ(status_for("\"1a-br\"", "br"), 304U);
}

TEST(Assets, LetsClientsKeepHashedFilesForGoodAndAskForTheOthers) {
  EXPECT_EQ(header(serve("/assets/index-Cx0_bT4q.js"), "Cache-Control"),
            "public, max-age=31536000, immutable");
  EXPECT_EQ(header(serve("/index.html"), "Cache-Control"), "no-cache");
}

}  // namespace
}  // namespace firstbyte::collector
