#include "collector/api/http_server.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "tests/unit/collector/api/raw_http_client.h"

namespace firstbyte::collector {
namespace {

using std::chrono::steady_clock;

HttpResponse text(std::string body) {
  HttpResponse response;
  response.content_type = "text/plain";
  response.body = std::move(body);
  return response;
}

// A server with "GET /word", "POST /echo" and whatever a test adds before it starts.
class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() {
    router_->add("GET", "/word", [](const HttpRequest&) { return text("word"); });
    router_->add("POST", "/echo", [](const HttpRequest& request) { return text(request.body); });
    options_.address = "127.0.0.1";
  }

  void start() {
    auto server = HttpServer::start(options_, router_);
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
  }

  RawHttpClient connect() const { return RawHttpClient(server_->port()); }

  RawHttpClient::Response ask(std::string_view request) const {
    RawHttpClient client = connect();
    client.send(request);
    return client.read_response();
  }

  HttpServerOptions options_;
  std::shared_ptr<Router> router_ = std::make_shared<Router>();
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, AnswersRequestAfterRequestOnOneConnection) {
  start();
  RawHttpClient client = connect();
  for (int i = 0; i < 3; ++i) {
    client.get("/word");
    EXPECT_EQ(client.read_response().body, "word");
  }
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInOrder) {
  start();
  RawHttpClient client = connect();
  client.send(
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nfirst"
      "GET /word HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(client.read_response().body, "first");
  EXPECT_EQ(client.read_response().body, "word");
}

TEST_F(HttpServerTest, AnswersHeadWithTheLengthButWithoutTheBody) {
  start();
  RawHttpClient client = connect();
  client.send("HEAD /word HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(client.read_head().has("Content-Length: 4"));
  client.get("/word");
  EXPECT_EQ(client.read_head().status(), 200);
}

TEST_F(HttpServerTest, SendsStaticBodies) {
  router_->add("GET", "/static", [](const HttpRequest&) {
    HttpResponse response = text("not this");
    response.static_body = "this";
    return response;
  });
  start();
  EXPECT_EQ(ask("GET /static HTTP/1.1\r\nHost: localhost\r\n\r\n").body, "this");
}

TEST_F(HttpServerTest, ClosesAfterTheAnswerWhenAskedTo) {
  start();
  RawHttpClient client = connect();
  client.send("GET /word HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(client.read_response().has("Connection: close"));
  EXPECT_TRUE(client.ends());
}

TEST_F(HttpServerTest, ClosesAfterTheAnswerToAnHttp10Client) {
  start();
  RawHttpClient client = connect();
  client.send("GET /word HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.read_response().body, "word");
  EXPECT_TRUE(client.ends());
}

TEST_F(HttpServerTest, KeepsAnHttp10ConnectionThatAsksForIt) {
  start();
  RawHttpClient client = connect();
  for (int i = 0; i < 2; ++i) {
    client.send("GET /word HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_TRUE(client.read_response().has("Connection: keep-alive"));
  }
}

TEST_F(HttpServerTest, TellsAClientThatWaitsForItToSendTheBody) {
  start();
  RawHttpClient client = connect();
  client.send(
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: "
      "100-continue\r\n\r\n");
  EXPECT_EQ(client.read_head().status(), 100);
  client.send("hi");
  EXPECT_EQ(client.read_response().body, "hi");
}

TEST_F(HttpServerTest, RefusesABodyOverTheLimitBeforeItIsSent) {
  start();
  const auto response =
      ask("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 65537\r\nExpect: "
          "100-continue\r\n\r\n");
  EXPECT_EQ(response.status(), 413);
  EXPECT_TRUE(response.has("Content-Type: application/problem+json"));
  EXPECT_NE(response.body.find("larger than 65536 bytes"), std::string::npos);
}

TEST_F(HttpServerTest, ClientsThatSendTooMuchStillGetTheAnswer) {
  start();
  RawHttpClient client = connect();
  client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200000\r\n\r\n" +
              std::string(200'000, 'x'));
  EXPECT_EQ(client.read_response().status(), 413);
  client.close();
}

TEST_F(HttpServerTest, RefusesHeadersOverTheLimit) {
  start();
  const auto response =
      ask("GET /word HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(17'000, 'x') + "\r\n\r\n");
  EXPECT_EQ(response.status(), 431);
  EXPECT_TRUE(response.has("Content-Type: application/problem+json"));
}

TEST_F(HttpServerTest, RefusesWhatIsNotHttp) {
  start();
  const auto response = ask("how are you\r\n\r\n");
  EXPECT_EQ(response.status(), 400);
  EXPECT_TRUE(response.has("Connection: close"));
  EXPECT_NE(response.body.find("urn:firstbyte:problem:bad-request"), std::string::npos);
}

TEST_F(HttpServerTest, RefusesAPathWithBrokenEscapes) {
  start();
  EXPECT_EQ(ask("GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n").status(), 400);
}

TEST_F(HttpServerTest, EndsARequestThatTakesTooLongToArrive) {
  options_.idle_timeout = std::chrono::seconds(1);
  start();
  RawHttpClient client = connect();
  client.send("GET /word HTTP/1.1\r\nHos");
  EXPECT_EQ(client.read_response().status(), 408);
  EXPECT_TRUE(client.ends());
}

TEST_F(HttpServerTest, ClosesAnIdleConnectionWithoutAWord) {
  options_.idle_timeout = std::chrono::seconds(1);
  start();
  EXPECT_TRUE(connect().ends());
}

TEST_F(HttpServerTest, ClosesConnectionsBeyondTheLimitAtOnce) {
  options_.max_connections = 1;
  start();
  RawHttpClient first = connect();
  first.get("/word");
  EXPECT_EQ(first.read_response().body, "word");
  EXPECT_EQ(server_->connections(), 1U);
  EXPECT_TRUE(connect().ends());
}

TEST_F(HttpServerTest, ServesOthersWhileAHandlerBlocks) {
  std::promise<void> release;
  router_->add("GET", "/slow", [&](const HttpRequest&) {
    release.get_future().wait();
    return text("slow");
  });
  start();
  RawHttpClient slow = connect();
  slow.get("/slow");
  EXPECT_EQ(ask("GET /word HTTP/1.1\r\nHost: localhost\r\n\r\n").body, "word");
  release.set_value();
  EXPECT_EQ(slow.read_response().body, "slow");
}

TEST_F(HttpServerTest, SurvivesAClientThatLeavesBeforeItsAnswer) {
  std::promise<void> entered;
  std::promise<void> release;
  router_->add("GET", "/slow", [&](const HttpRequest&) {
    entered.set_value();
    release.get_future().wait();
    return text(std::string(1'000'000, 'x'));
  });
  start();
  RawHttpClient client = connect();
  client.get("/slow");
  entered.get_future().wait();
  client.close();
  release.set_value();
  EXPECT_EQ(ask("GET /word HTTP/1.1\r\nHost: localhost\r\n\r\n").body, "word");
  server_->stop();  // its handler may still be on its way out, with this test's promises in hand
}

TEST_F(HttpServerTest, ReportsEachAnswerUnderBoundedLabels) {
  std::promise<std::string> reported;
  options_.on_request = [&](std::string_view route, std::string_view method, unsigned status,
                            double seconds) {
    EXPECT_GE(seconds, 0);
    reported.set_value(fmt::format("{} {} {}", method, route, status));
  };
  start();
  ask("BREW /coffee HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(reported.get_future().get(), "OTHER unmatched 404");
  server_->stop();
}

TEST_F(HttpServerTest, ManyClientsAtOnceAllGetTheirOwnAnswers) {
  start();
  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&, t] {
        RawHttpClient client = connect();
        for (int i = 0; i < 100; ++i) {
          const std::string body = fmt::format("{}-{}", t, i);
          client.send(
              fmt::format("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{}",
                          body.size(), body));
          if (client.read_response().body == body) ++right;
        }
      });
    }
  }
  EXPECT_EQ(right, 800);
}

// ---- who asks, and for whom

TEST_F(HttpServerTest, TellsTheHandlerWhoAsks) {
  router_->add("GET", "/who", [](const HttpRequest& request) {
    return text(to_string(request.client) + (request.secure ? " secure" : " plain"));
  });
  start();
  EXPECT_EQ(ask("GET /who HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 192.0.2.1\r\n"
                "X-Forwarded-Proto: https\r\n\r\n")
                .body,
            "127.0.0.1 plain");
}

TEST_F(HttpServerTest, BelievesAConfiguredProxy) {
  options_.trusted_proxies = {parse_network("127.0.0.0/8").value()};
  router_->add("GET", "/who", [](const HttpRequest& request) {
    return text(to_string(request.client) + (request.secure ? " secure" : " plain"));
  });
  start();
  EXPECT_EQ(ask("GET /who HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 198.51.100.1\r\n"
                "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n\r\n")
                .body,
            "192.0.2.1 secure");
}

TEST_F(HttpServerTest, OnLoopbackAnswersNoNameThatAStrangerMayHaveLedHere) {
  start();
  const auto response = ask("GET /word HTTP/1.1\r\nHost: evil.example:8080\r\n\r\n");
  EXPECT_EQ(response.status(), 421);
  EXPECT_NE(response.body.find("the request's Host is neither an address, nor localhost, nor one "
                               "that --http-host names"),
            std::string::npos);
  EXPECT_EQ(ask("GET /word HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n").body, "word");
}

TEST_F(HttpServerTest, AnswersTheNamesItIsGiven) {
  options_.hosts = {"status.example.net"};
  start();
  EXPECT_EQ(ask("GET /word HTTP/1.1\r\nHost: status.example.net\r\n\r\n").body, "word");
  EXPECT_EQ(ask("GET /word HTTP/1.1\r\nHost: other.example.net\r\n\r\n").status(), 421);
}

TEST_F(HttpServerTest, ReachableFromElsewhereAnswersAnyNameUntilItIsGivenOne) {
  options_.address = "0.0.0.0";
  start();
  EXPECT_EQ(ask("GET /word HTTP/1.1\r\nHost: any.example\r\n\r\n").body, "word");
  server_.reset();
  options_.hosts = {"status.example.net"};
  start();
  EXPECT_EQ(ask("GET /word HTTP/1.1\r\nHost: any.example\r\n\r\n").status(), 421);
}

// ------------------------------------------------------------------------------ starting and
// stopping

TEST_F(HttpServerTest, SaysWhichPortIsInUse) {
  start();
  options_.port = server_->port();
  const auto second = HttpServer::start(options_, router_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, Error::Kind::kFatal);
  EXPECT_EQ(second.error().field, "--http");
  EXPECT_EQ(second.error().message,
            fmt::format("cannot listen on 127.0.0.1:{}: Address already in use", options_.port));
}

TEST_F(HttpServerTest, SaysWhichAddressIsNone) {
  options_.address = "localhost";
  const auto server = HttpServer::start(options_, router_);
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().kind, Error::Kind::kFatal);
  EXPECT_EQ(server.error().field, "--http");
  EXPECT_EQ(server.error().message, "localhost is not an IP address");
}

TEST_F(HttpServerTest, KnowsWhereItListens) {
  start();
  EXPECT_EQ(server_->endpoint(), fmt::format("127.0.0.1:{}", server_->port()));
}

TEST_F(HttpServerTest, PutsAnIpv6AddressInBrackets) {
  options_.address = "0:0::1";
  start();
  EXPECT_EQ(server_->endpoint(), fmt::format("[::1]:{}", server_->port()));
}

TEST_F(HttpServerTest, StopsAtOnceWhileConnectionsAreIdle) {
  start();
  RawHttpClient idle = connect();
  idle.get("/word");
  idle.read_response();
  RawHttpClient half = connect();
  half.send("GET /word HTT");
  const auto begin = steady_clock::now();
  server_->stop();
  EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(1));
  EXPECT_TRUE(idle.ends());
  EXPECT_TRUE(half.ends());
}

TEST_F(HttpServerTest, LetsARunningHandlerAnswerBeforeItStops) {
  std::promise<void> entered;
  std::promise<void> release;
  router_->add("GET", "/slow", [&](const HttpRequest&) {
    entered.set_value();
    release.get_future().wait();
    return text("slow");
  });
  start();
  RawHttpClient client = connect();
  client.get("/slow");
  entered.get_future().wait();
  std::jthread stopper([&] { server_->stop(); });
  release.set_value();
  EXPECT_EQ(client.read_response().body, "slow");
  EXPECT_TRUE(client.ends());
}

TEST_F(HttpServerTest, StopsAlthoughAClientDoesNotReadItsAnswer) {
  router_->add("GET", "/huge",
               [](const HttpRequest&) { return text(std::string(64'000'000, 'x')); });
  start();
  RawHttpClient client = connect();
  client.get("/huge");
  client.read_head();
  const auto begin = steady_clock::now();
  server_->stop();
  EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(3));
}

TEST_F(HttpServerTest, StopsOnlyOnce) {
  start();
  server_->stop();
  server_->stop();
  EXPECT_EQ(server_->connections(), 0U);
}

}  // namespace
}  // namespace firstbyte::collector
