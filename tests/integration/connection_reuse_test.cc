// What one exchange leaves to the next, by what a real server saw of it.
#include <atomic>

#include "tests/integration/exchange_fixture.h"

namespace firstbyte::agent {
namespace {

using Keep = HttpClient::Keep;
using fakes::ScriptedServer;
using Script = ScriptedServer::Connection;

constexpr const char* kFullHandshake = ".";  // nginx's words
constexpr const char* kResumedHandshake = "r";

// A server of nginx and how to ask it.
struct Served {
  const char* protocols;
  bool http2;
  const char* tls_version;
  const char* http_version;
};

void PrintTo(const Served& served, std::ostream* out) {
  *out << served.tls_version << " HTTP/" << served.http_version;
}

class ReuseOverTls : public testing::TestWithParam<Served> {
 protected:
  static void SetUpTestSuite() { curl_global_init(CURL_GLOBAL_DEFAULT); }

  std::string url(std::string_view path = "/") const {
    return fmt::format("https://good.test:{}{}",
                       GetParam().http2 ? nginx_.https_port() : nginx_.https1_port(), path);
  }

  // Over HTTP/2 an answer is several packets, for whose first nobody vouches on a busy machine.
  static std::string vouched(std::string phases) {
    if (GetParam().http2) std::erase(phases, '*');
    return phases;
  }

  const fakes::NginxServer nginx_{GetParam().protocols};
};

INSTANTIATE_TEST_SUITE_P(All, ReuseOverTls,
                         testing::Values(Served{"TLSv1.2", false, "TLSv1.2", "1.1"},
                                         Served{"TLSv1.2", true, "TLSv1.2", "2"},
                                         Served{"TLSv1.3", false, "TLSv1.3", "1.1"},
                                         Served{"TLSv1.3", true, "TLSv1.3", "2"}));

TEST_P(ReuseOverTls, ResumesTheSessionOnANewConnection) {
  RunningClient client(nginx_.ca_file(), Keep::kSessions);
  const Exchanged first = client.exchange(url(), Reuse::kCold);
  const Exchanged second = client.exchange(url(), Reuse::kResumed);
  EXPECT_EQ(first.header("x-session-reused"), kFullHandshake);
  EXPECT_EQ(second.header("x-session-reused"), kResumedHandshake);
  EXPECT_EQ(second.header("x-connection-requests"), "1");
  EXPECT_EQ(vouched(second.phases()), vouched("connect* tls* wait* transfer*"));
  EXPECT_EQ(second.outcome.http_version, GetParam().http_version);
  ASSERT_TRUE(first.outcome.tls);
  EXPECT_FALSE(first.outcome.tls->resumed);
  ASSERT_TRUE(second.outcome.tls);
  EXPECT_TRUE(second.outcome.tls->resumed);
  EXPECT_EQ(second.outcome.tls->version, GetParam().tls_version);
}

// They come with the session, as the server does not show its certificate again.
TEST_P(ReuseOverTls, KeepsTheFactsOfAResumedHandshake) {
  RunningClient client(nginx_.ca_file(), Keep::kSessions);
  const Exchanged first = client.exchange(url(), Reuse::kCold);
  Exchanged second = client.exchange(url(), Reuse::kResumed);
  ASSERT_TRUE(second.outcome.tls);
  EXPECT_EQ(second.outcome.tls->subject, "CN=good.test");
  second.outcome.tls->resumed = false;
  EXPECT_EQ(second.outcome.tls, first.outcome.tls);
}

TEST_P(ReuseOverTls, IsColdWhereColdIsAskedForWhateverIsKept) {
  RunningClient client(nginx_.ca_file(), Keep::kSessions);
  client.exchange(url(), Reuse::kCold);
  const Exchanged second = client.exchange(url(), Reuse::kCold);
  EXPECT_EQ(second.header("x-session-reused"), kFullHandshake);
  EXPECT_FALSE(second.outcome.tls->resumed);
  // What it left is there for the next one.
  EXPECT_EQ(client.exchange(url(), Reuse::kResumed).header("x-session-reused"), kResumedHandshake);
}

TEST_P(ReuseOverTls, SharesNoSessionBetweenClients) {
  RunningClient one(nginx_.ca_file(), Keep::kSessions);
  RunningClient other(nginx_.ca_file(), Keep::kSessions);
  one.exchange(url(), Reuse::kCold);
  const Exchanged m = other.exchange(url(), Reuse::kResumed);
  EXPECT_EQ(m.header("x-session-reused"), kFullHandshake);
  EXPECT_FALSE(m.outcome.tls->resumed);
}

TEST_P(ReuseOverTls, KeepsNothingUnlessItIsTold) {
  RunningClient client(nginx_.ca_file(), Keep::kNothing);
  client.exchange(url(), Reuse::kCold);
  const Exchanged second = client.exchange(url(), Reuse::kWarm);
  EXPECT_EQ(second.header("x-session-reused"), kFullHandshake);
  EXPECT_EQ(second.header("x-connection-requests"), "1");
  EXPECT_EQ(vouched(second.phases()), vouched("connect* tls* wait* transfer*"));
}

TEST_P(ReuseOverTls, UsesTheConnectionAgain) {
  RunningClient client(nginx_.ca_file(), Keep::kConnections);
  const Exchanged first = client.exchange(url(), Reuse::kCold);
  ASSERT_FALSE(first.outcome.failure) << first.outcome.failure->message;
  for (int request = 2; request <= 10; ++request) {
    const Exchanged m = client.exchange(url(), Reuse::kWarm);
    EXPECT_EQ(m.header("x-connection-requests"), std::to_string(request));
    EXPECT_EQ(vouched(m.phases()), vouched("wait* transfer*"));
    EXPECT_EQ(m.outcome.local, first.outcome.local);
    EXPECT_EQ(m.outcome.remote, first.outcome.remote);
    EXPECT_EQ(m.outcome.tls, first.outcome.tls);
    ASSERT_TRUE(m.outcome.tcp);
    EXPECT_EQ(m.outcome.tcp->rtt, first.outcome.tcp->rtt);
    EXPECT_EQ(m.outcome.tcp->retransmits, 0U);
  }
}

TEST_P(ReuseOverTls, UsesNoConnectionForAnotherOrigin) {
  RunningClient client(nginx_.ca_file(), Keep::kConnections);
  client.exchange(url(), Reuse::kCold);
  const Exchanged m =
      client.exchange(fmt::format("http://good.test:{}/", nginx_.http_port()), Reuse::kWarm);
  EXPECT_EQ(m.header("x-connection-requests"), "1");
  EXPECT_EQ(m.phases(), "connect* wait* transfer*");
}

class ReuseOverPlainHttp : public testing::Test {
 protected:
  static void SetUpTestSuite() { curl_global_init(CURL_GLOBAL_DEFAULT); }

  ReuseOverPlainHttp()
      : client_(fakes::CertificateAuthority(folder_).ca_file(), Keep::kConnections) {}

  // Answered at once, libcurl may have read it before anybody could look at its stamp.
  static constexpr std::chrono::milliseconds kService{20};

  static std::string url(const ScriptedServer& server) {
    return fmt::format("http://127.0.0.1:{}/", server.port());
  }
  static std::string answer() { return fakes::http_answer("200 OK", "", "ok"); }

  const fakes::TempDir folder_;
  RunningClient client_;
};

TEST_F(ReuseOverPlainHttp, TimesTheSecondRequestByItself) {
  constexpr std::chrono::milliseconds kDelay{60};
  const ScriptedServer server([&](Script& connection) {
    connection.read_request();
    connection.send(answer());
    connection.read_request();
    connection.pause(kDelay);
    connection.send(answer());
    connection.wait_for_end();
  });
  client_.exchange(url(server), Reuse::kCold);
  const Exchanged m = client_.exchange(url(server), Reuse::kWarm);
  EXPECT_EQ(server.connections(), 1U);
  EXPECT_EQ(m.phases(), "wait* transfer*");
  EXPECT_GE(m.timings.duration(Phase::kWait), kDelay);
  EXPECT_LT(m.timings.duration(Phase::kWait), kDelay * 5);
}

TEST_F(ReuseOverPlainHttp, ConnectsAgainWhenTheServerHasClosedMeanwhile) {
  std::promise<void> closed;
  std::atomic<bool> first = true;
  const ScriptedServer server([&](Script& connection) {
    connection.read_request();
    connection.pause(kService);
    connection.send(answer());
    // An end right behind the answer would be merged with it.
    if (!first.exchange(false)) return connection.wait_for_end();
    connection.close();
    closed.set_value();
  });
  client_.exchange(url(server), Reuse::kCold);
  closed.get_future().wait();
  const Exchanged m = client_.exchange(url(server), Reuse::kWarm);
  ASSERT_FALSE(m.outcome.failure) << m.outcome.failure->message;
  EXPECT_EQ(m.phases(), "connect* wait* transfer*");
  EXPECT_EQ(server.connections(), 2U);
}

// libcurl asks again by itself. What it lost with the first connection is the time that it took to
// have one, which is not the kernel's to say.
TEST_F(ReuseOverPlainHttp, ConnectsAgainWhenTheServerClosesOnTheSecondRequest) {
  constexpr std::chrono::milliseconds kDelay{60};
  std::atomic<bool> first = true;
  const ScriptedServer server([&](Script& connection) {
    connection.read_request();
    connection.pause(kService);
    connection.send(answer());
    // An end right behind the answer would be merged with it.
    if (!first.exchange(false)) return connection.wait_for_end();
    connection.read_request();
    connection.pause(kDelay);
  });
  client_.exchange(url(server), Reuse::kCold);
  const Exchanged m = client_.exchange(url(server), Reuse::kWarm);
  ASSERT_FALSE(m.outcome.failure) << m.outcome.failure->message;
  EXPECT_EQ(m.phases(), "connect wait* transfer*");
  EXPECT_GE(m.timings.duration(Phase::kConnect), kDelay);
  EXPECT_LT(m.timings.duration(Phase::kWait), kDelay);
  EXPECT_EQ(server.connections(), 2U);
}

TEST_F(ReuseOverPlainHttp, FindsAnIdleConnectionGoneWhenTheClientGoes) {
  std::promise<void> ended;
  const ScriptedServer server([&](Script& connection) {
    connection.read_request();
    connection.send(answer());
    connection.wait_for_end();
    ended.set_value();
  });
  {
    RunningClient client(folder_ / "ca.crt", Keep::kConnections);
    client.exchange(url(server), Reuse::kCold);
  }
  EXPECT_EQ(ended.get_future().wait_for(std::chrono::seconds{10}), std::future_status::ready);
}

}  // namespace
}  // namespace firstbyte::agent
