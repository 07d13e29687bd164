#include "collector/api/router.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/fakes/http_response.h"

namespace firstbyte::collector {
namespace {

using fakes::header;

HttpRequest request(std::string method, std::string path) {
  HttpRequest request;
  request.method = std::move(method);
  request.path = std::move(path);
  return request;
}

HttpHandler says(std::string word) {
  return [word = std::move(word)](const HttpRequest&) {
    HttpResponse response;
    response.content_type = "text/plain";
    response.body = word;
    return response;
  };
}

// Answers with what `name` was in the path.
HttpHandler echoes(std::string name) {
  return [name = std::move(name)](const HttpRequest& request) {
    return says(request.path_parameters.at(name))(request);
  };
}

HttpResponse dispatch(const Router& router, std::string method, std::string path) {
  return std::get<HttpResponse>(router.dispatch(request(std::move(method), std::move(path))));
}

TEST(Router, AnswersWithTheHandlerOfMethodAndPath) {
  Router router;
  router.add("GET", "/tests", says("list"));
  router.add("POST", "/tests", says("create"));
  EXPECT_EQ(dispatch(router, "GET", "/tests").body, "list");
  EXPECT_EQ(dispatch(router, "POST", "/tests").body, "create");
}

TEST(Router, FillsParametersFromThePath) {
  Router router;
  router.add("GET", "/tests/{id}/events", echoes("id"));
  EXPECT_EQ(dispatch(router, "GET", "/tests/0k3v/events").body, "0k3v");
}

TEST(Router, AParameterEndsWhereItsSuffixBegins) {
  Router router;
  router.add("GET", "/tests/{id}.csv", echoes("id"));
  router.add("GET", "/tests/{id}", says("any"));
  EXPECT_EQ(dispatch(router, "GET", "/tests/0k3v.csv").body, "0k3v");
  EXPECT_EQ(dispatch(router, "GET", "/tests/0k3v.txt").body, "any");
  EXPECT_EQ(dispatch(router, "GET", "/tests/.csv").body, "any");
}

TEST(Router, DoesNotTakeAnEmptySegmentForAParameter) {
  Router router;
  router.add("GET", "/tests/{id}", echoes("id"));
  EXPECT_EQ(dispatch(router, "GET", "/tests/").status, 404U);
}

TEST(Router, AnswersAnUnknownPathWithANotFoundProblem) {
  Router router;
  router.add("GET", "/tests", says("list"));
  const HttpResponse response = dispatch(router, "GET", "/test");
  EXPECT_EQ(response.status, 404U);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(response.body,
            R"({"type":"urn:firstbyte:problem:not-found","title":"Nothing is here","status":404,)"
            R"("detail":"there is nothing at /test"})");
}

TEST(Router, NamesTheAllowedMethodsWhenOnlyTheMethodIsWrong) {
  Router router;
  router.add("GET", "/tests", says("list"));
  router.add("POST", "/tests", says("create"));
  const HttpResponse response = dispatch(router, "DELETE", "/tests");
  EXPECT_EQ(response.status, 405U);
  EXPECT_EQ(header(response, "Allow"), "GET, HEAD, POST");
}

TEST(Router, AnswersHeadWithTheHandlerOfGet) {
  Router router;
  router.add("GET", "/tests", says("list"));
  EXPECT_EQ(dispatch(router, "HEAD", "/tests").body, "list");
}

TEST(Router, DoesNotAnswerHeadWhereThereIsNoGet) {
  Router router;
  router.add("POST", "/tests", says("create"));
  const HttpResponse response = dispatch(router, "HEAD", "/tests");
  EXPECT_EQ(response.status, 405U);
  EXPECT_EQ(header(response, "Allow"), "POST");
}

TEST(Router, TurnsAnExceptionIntoAProblemThatDoesNotTellItsText) {
  Router router;
  router.add("GET", "/", [](const HttpRequest&) -> HttpReply {
    throw std::runtime_error("the password is 1234");
  });
  const HttpResponse response = dispatch(router, "GET", "/");
  EXPECT_EQ(response.status, 500U);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(response.body.find("1234"), std::string::npos);
}

TEST(Router, LetsTheLastParameterTakeTheRestOfThePath) {
  Router router;
  router.add("GET", "/assets/{file...}", echoes("file"));
  EXPECT_EQ(dispatch(router, "GET", "/assets/fonts/a.woff2").body, "fonts/a.woff2");
}

TEST(Router, AsksACatchAllLastWhereverItWasAdded) {
  Router router;
  router.add("GET", "/{file...}", says("page"));
  router.add("GET", "/tests/{id}", says("test"));
  EXPECT_EQ(dispatch(router, "GET", "/tests/0k3v").body, "test");
  EXPECT_EQ(dispatch(router, "GET", "/").body, "page");
}

TEST(Router, DoesNotLetACatchAllAnswerForAKnownPathWithAnotherMethod) {
  Router router;
  router.add("GET", "/{file...}", says("page"));
  router.add("POST", "/tests", says("create"));
  EXPECT_EQ(dispatch(router, "GET", "/tests").status, 405U);
}

TEST(Router, DoesNotPromiseAnythingAtAPathThatOnlyACatchAllKnows) {
  Router router;
  router.add("GET", "/{file...}", says("page"));
  EXPECT_EQ(dispatch(router, "POST", "/nowhere").status, 404U);
}

TEST(Router, LabelsARequestWithItsPattern) {
  Router router;
  router.add("GET", "/tests/{id}", says("test"));
  EXPECT_EQ(router.route("/tests/0k3v"), "/tests/{id}");
}

TEST(Router, LabelsEveryUnknownPathTheSame) {
  EXPECT_EQ(Router().route("/a"), Router::kNoRoute);
  EXPECT_EQ(Router().route("/b/c"), Router::kNoRoute);
}

}  // namespace
}  // namespace firstbyte::collector
