#include "lab/health/http_check.h"

#include <gtest/gtest.h>

#include "tests/fakes/scripted_server.h"

namespace firstbyte::health {
namespace {

using fakes::ScriptedServer;
using Connection = ScriptedServer::Connection;
using namespace std::chrono_literals;

HttpCheck check_of(std::uint16_t port, std::chrono::milliseconds timeout = 5s) {
  const std::string host = "127.0.0.1:" + std::to_string(port);
  return {
      .address = parse_address(host).value(), .host = host, .path = "/healthz", .timeout = timeout};
}

// "good", or the reason why not.
std::string result_of(const HttpCheck& check) {
  const auto checked = check_http(check);
  return checked ? "good" : checked.error().message;
}

std::string answered(const std::string& bytes) {
  const ScriptedServer server([&](Connection& connection) {
    connection.read_request();
    connection.send(bytes);
  });
  return result_of(check_of(server.port()));
}

TEST(HttpCheckTest, IsGoodForAnyTwoHundred) {
  EXPECT_EQ(answered(fakes::http_answer("200 OK", "", "ok")), "good");
  EXPECT_EQ(answered("HTTP/1.0 204 No Content\r\n\r\n"), "good");
  EXPECT_EQ(answered("HTTP/1.1 200"), "good");
}

TEST(HttpCheckTest, NamesAnyOtherStatus) {
  EXPECT_EQ(answered(fakes::http_answer("503 Service Unavailable", "", "")), "status 503");
  EXPECT_EQ(answered(fakes::http_answer("301 Moved", "Location: /\r\n", "")), "status 301");
}

TEST(HttpCheckTest, KnowsWhatIsNotHttp) {
  EXPECT_EQ(answered("SSH-2.0-OpenSSH_9.2\r\n"), "not HTTP");
  EXPECT_EQ(answered("HTTP/1.1 2xx OK\r\n\r\n"), "not HTTP");
  EXPECT_EQ(answered("HTTP/1.1  20 OK\r\n\r\n"), "not HTTP");
  EXPECT_EQ(answered("HTTP"), "not HTTP");
  EXPECT_EQ(answered(""), "not HTTP");
}

TEST(HttpCheckTest, IsGoodForAnAnswerThatComesInPieces) {
  const ScriptedServer server([](Connection& connection) {
    connection.read_request();
    connection.send("HTTP/1");
    connection.pause(20ms);
    connection.send(".1 200 OK\r\n\r\n");
  });
  EXPECT_EQ(result_of(check_of(server.port())), "good");
}

TEST(HttpCheckTest, AsksAsItShould) {
  std::string request;
  std::uint16_t port = 0;
  {
    const ScriptedServer server([&](Connection& connection) {
      request = connection.read_request();
      connection.send("HTTP/1.1 200 OK\r\n\r\n");
    });
    port = server.port();
    EXPECT_EQ(result_of(check_of(port)), "good");
  }
  EXPECT_EQ(request, "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
                         "\r\nConnection: close\r\n\r\n");
}

TEST(HttpCheckTest, IsRefusedWhereNobodyListens) {
  const fakes::DeadPort port;
  EXPECT_EQ(result_of(check_of(port.number())), "refused");
}

TEST(HttpCheckTest, TimesOutWhenNothingIsAnswered) {
  const ScriptedServer server([](Connection& connection) { connection.wait_for_end(); });
  EXPECT_EQ(result_of(check_of(server.port(), 50ms)), "timeout");
}

TEST(HttpCheckTest, TimesOutWhenTheAnswerNeverGetsAnywhere) {
  const ScriptedServer server([](Connection& connection) {
    connection.send("H");
    connection.wait_for_end();
  });
  EXPECT_EQ(result_of(check_of(server.port(), 50ms)), "timeout");
}

TEST(HttpCheckTest, TimesOutWhenTheConnectionIsNotAccepted) {
  // A queue of one that is full: the kernel drops whatever else knocks.
  const fakes::Socket full = fakes::Socket::bound(SOCK_STREAM);
  ASSERT_EQ(::listen(full.fd(), 0), 0);
  const fakes::Socket in_the_queue = fakes::Socket::connected(full.port());
  EXPECT_EQ(result_of(check_of(full.port(), 50ms)), "timeout");
}

TEST(HttpCheckTest, TakesAddressesOfBothKinds) {
  EXPECT_EQ(parse_address("198.51.100.1:80")->storage.ss_family, AF_INET);
  EXPECT_EQ(parse_address("[2001:db8:51::1]:80")->storage.ss_family, AF_INET6);
}

TEST(HttpCheckTest, RefusesWhatIsNoAddress) {
  for (const char* text : {"", "198.51.100.1", "198.51.100.1:", ":80", "198.51.100.1:0",
                           "198.51.100.1:65536", "198.51.100.1:80x", "2001:db8::1:80", "edge:80"}) {
    const auto parsed = parse_address(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().message, std::string(text) + " is not IP:PORT");
  }
}

}  // namespace
}  // namespace firstbyte::health
