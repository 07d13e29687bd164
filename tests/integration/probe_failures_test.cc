// The real prober against servers that do as they should not.
#include "tests/integration/prober_fixture.h"

namespace firstbyte::agent {
namespace {

using Connection = fakes::ScriptedServer::Connection;
using fakes::ScriptedServer;

constexpr std::chrono::seconds kSlack{5};  // proves that it ended, not how fast this machine is

class ProberFailures : public ProberFixture {
 protected:
  static std::string http(std::uint16_t port) { return fmt::format("http://127.0.0.1:{}/", port); }
  static std::string https(std::uint16_t port) {
    return fmt::format("https://127.0.0.1:{}/", port);
  }

  // What becomes of a probe whose request this script answers.
  Measurement answered_by(const ScriptedServer::Script& script, Millis timeout = kPlenty) {
    const ScriptedServer server([&](Connection& connection) {
      connection.read_request();
      script(connection);
    });
    return probe(http(server.port()), timeout);
  }
  Measurement answered(const std::string& bytes) {
    return answered_by([&](Connection& connection) { connection.send(bytes); });
  }

  static void expect_ended_by(const Measurement& measurement, Millis timeout) {
    EXPECT_GE(measurement.timings.total(), timeout);
    EXPECT_LT(measurement.timings.total(), timeout + kSlack);
  }
};

// -------------------------------------------------------------------------------------------
// connecting

TEST_F(ProberFailures, FailsWhenTheConnectionIsRefused) {
  const fakes::DeadPort port;
  const Measurement m = probe(http(port.number()));
  expect_failure(m, Phase::kConnect, Origin::kTarget, Cause::kRefused);
  EXPECT_EQ(phases_of(m), "connect");
  EXPECT_EQ(m.remote, (Endpoint{"127.0.0.1", port.number()}));
  EXPECT_EQ(m.local, std::nullopt);
}

TEST_F(ProberFailures, EndsByItsDeadlineWhenNobodyAnswersTheConnectionAttempt) {
  // A queue of one that is full: the kernel drops whatever else knocks.
  const fakes::Socket full = fakes::Socket::bound(SOCK_STREAM);
  ASSERT_EQ(::listen(full.fd(), 0), 0);
  const fakes::Socket in_the_queue = fakes::Socket::connected(full.port());
  const Measurement m = probe(http(full.port()), kShort);
  expect_failure(m, Phase::kConnect, Origin::kNetwork, Cause::kTimeout);
  expect_ended_by(m, kShort);
}

TEST_F(ProberFailures, FailsForAnAddressThatTheAgentMayNotProbe) {
  set_policy(allowing({}));
  ScriptedServer server([](Connection&) {});
  const Measurement m = probe(http(server.port()));
  expect_failure(m, std::nullopt, Origin::kAgent, Cause::kAddressNotAllowed);
  EXPECT_EQ(m.failure->message,
            "this agent may not probe 127.0.0.1: it is a loopback address; the agent's "
            "--allow-network 127.0.0.0/8 would allow it");
  EXPECT_EQ(phases_of(m), "");
  EXPECT_EQ(server.connections(), 0U);
}

TEST_F(ProberFailures, FailsForAUrlThatIsNone) {
  expect_failure(probe("gopher://a/"), std::nullopt, Origin::kAgent, Cause::kInvalidUrl);
}

// --------------------------------------------------------------------------------------------------
// tls

TEST_F(ProberFailures, EndsByItsDeadlineWhenTheHandshakeIsNotAnswered) {
  ScriptedServer silent([](Connection& connection) { connection.wait_for_end(); });
  const Measurement m = probe(https(silent.port()), kShort);
  expect_failure(m, Phase::kTls, Origin::kTarget, Cause::kTimeout);
  EXPECT_EQ(phases_of(m), "connect tls");
  EXPECT_EQ(m.tls, std::nullopt);
  expect_ended_by(m, kShort);
}

TEST_F(ProberFailures, FailsWhenTheServerAnswersTheHandshakeWithGarbage) {
  ScriptedServer server([](Connection& connection) {
    connection.socket().receive();
    connection.send("nonsense nonsense nonsense\r\n\r\n");
  });
  expect_failure(probe(https(server.port())), Phase::kTls, Origin::kTarget, Cause::kHandshake);
}

// -------------------------------------------------------------------------------------------------
// wait

TEST_F(ProberFailures, EndsByItsDeadlineWhenNoFirstByteComes) {
  const Measurement m =
      answered_by([](Connection& connection) { connection.wait_for_end(); }, kShort);
  expect_failure(m, Phase::kWait, Origin::kTarget, Cause::kTimeout);
  EXPECT_EQ(phases_of(m), "connect wait");
  EXPECT_EQ(m.status, std::nullopt);
  EXPECT_TRUE(m.local);
  expect_ended_by(m, kShort);
}

TEST_F(ProberFailures, CountsASlowServerAsWait) {
  constexpr Millis kDelay{60};
  const Measurement m = answered_by([=](Connection& connection) {
    connection.pause(kDelay);
    connection.send(fakes::http_answer("200 OK", "", "ok"));
  });
  EXPECT_EQ(m.status, 200);
  EXPECT_GE(m.timings.duration(Phase::kWait), kDelay);
  EXPECT_GE(m.timings.ttfb(), kDelay);
}

TEST_F(ProberFailures, FailsWhenTheServerClosesWithoutAnAnswer) {
  const Measurement m = answered("");
  expect_failure(m, Phase::kWait, Origin::kTarget, Cause::kClosed);
  EXPECT_EQ(phases_of(m), "connect wait");
}

TEST_F(ProberFailures, FailsWhenTheServerResetsInsteadOfAnAnswer) {
  const Measurement m = answered_by([](Connection& connection) { connection.reset(); });
  expect_failure(m, Phase::kWait, Origin::kTarget, Cause::kReset);
}

TEST_F(ProberFailures, FailsForGarbageInsteadOfHttp) {
  const Measurement m = answered("220 mail.example ESMTP\r\n");
  expect_failure(m, Phase::kWait, Origin::kTarget, Cause::kProtocol);
  EXPECT_EQ(m.status, std::nullopt);
}

// ---------------------------------------------------------------------------------------------
// transfer

TEST_F(ProberFailures, FailsWhenTheServerResetsWithinItsAnswer) {
  // It waits for the first byte to have been noticed: a reset throws away what was not read yet.
  const Measurement m = answered_by([this](Connection& connection) {
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nten bytes.");
    wait_for_step("test", Phase::kTransfer);
    connection.reset();
  });
  expect_failure(m, Phase::kTransfer, Origin::kTarget, Cause::kReset);
  EXPECT_EQ(m.status, 200);
  EXPECT_EQ(phases_of(m), "connect wait transfer");
}

TEST_F(ProberFailures, FailsWhenTheServerClosesWithinItsAnswer) {
  const Measurement m = answered("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nten bytes.");
  expect_failure(m, Phase::kTransfer, Origin::kTarget, Cause::kClosed);
  EXPECT_EQ(m.status, 200);
  EXPECT_TRUE(m.timings.ttfb());
}

TEST_F(ProberFailures, EndsByItsDeadlineWhenTheBodyDrips) {
  const Measurement m = answered_by(
      [](Connection& connection) {
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
        while (connection.pause(Millis{10}) && connection.send("x")) {
        }
      },
      kShort);
  expect_failure(m, Phase::kTransfer, Origin::kTarget, Cause::kTimeout);
  EXPECT_EQ(m.status, 200);
  expect_ended_by(m, kShort);
}

TEST_F(ProberFailures, KeepsHeadersInTheirOrderWhateverTheirBytes) {
  const Measurement m =
      answered(fakes::http_answer("200 OK", "B: 1\r\nA: caf\xe9\r\nb: \xf0\x9f\x8c\x8d\r\n", ""));
  EXPECT_EQ(
      m.headers,
      (Headers{{"b", "1"}, {"a", "café"}, {"b", "\xf0\x9f\x8c\x8d"}, {"content-length", "0"}}));
}

TEST_F(ProberFailures, KeepsTheFinalAnswerBehindAnInterimOne) {
  const Measurement m = answered("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" +
                                 fakes::http_answer("204 No Content", "A: b\r\n", ""));
  EXPECT_EQ(m.status, 204);
  EXPECT_EQ(header(m, "link"), std::nullopt);
  EXPECT_EQ(header(m, "a"), "b");
}

TEST_F(ProberFailures, FinishesAnAnswerOfHttp10ThatEndsWithTheConnection) {
  const Measurement m = answered("HTTP/1.0 200 OK\r\nServer: old\r\n\r\nall of it");
  EXPECT_FALSE(m.failure);
  EXPECT_EQ(m.http_version, "1.0");
}

TEST_F(ProberFailures, FinishesWithAStatusThatNobodyKnows) {
  EXPECT_EQ(answered(fakes::http_answer("799 Odd", "", "ok")).status, 799);
}

TEST_F(ProberFailures, FailsForAStatusThatIsNone) {
  expect_failure(answered(fakes::http_answer("042 Nonsense", "", "ok")), Phase::kWait,
                 Origin::kTarget, Cause::kProtocol);
}

// ----------------------------------------------------------------------------------------- many at
// once

TEST_F(ProberFailures, EndsAProbeThatIsCancelled) {
  ScriptedServer silent([](Connection& connection) { connection.wait_for_end(); });
  start("cancelled", http(silent.port()));
  wait_for_step("cancelled", Phase::kWait);
  cancel("cancelled");
  const Measurement m = next();
  EXPECT_EQ(m.test_id, "cancelled");
  expect_failure(m, std::nullopt, Origin::kAgent, Cause::kCancelled);
  EXPECT_EQ(phases_of(m), "connect wait");
}

TEST_F(ProberFailures, EndsNoOtherProbeThanTheOneThatIsCancelled) {
  ScriptedServer silent([](Connection& connection) { connection.wait_for_end(); });
  start("kept", http(silent.port()), kShort);
  wait_for_step("kept", Phase::kWait);
  cancel("another");
  expect_failure(next(), Phase::kWait, Origin::kTarget, Cause::kTimeout);
}

TEST_F(ProberFailures, MindsNoCancellationOfWhatIsOver) {
  const fakes::DeadPort port;
  probe(http(port.number()));
  cancel("test");
  expect_failure(probe(http(port.number())), Phase::kConnect, Origin::kTarget, Cause::kRefused);
}

TEST_F(ProberFailures, RefusesOneProbeMoreThanItRuns) {
  set_max_running(2);
  ScriptedServer silent([](Connection& connection) { connection.wait_for_end(); });
  start("first", http(silent.port()));
  start("second", http(silent.port()));
  start("third", http(silent.port()));
  const Measurement m = next();
  EXPECT_EQ(m.test_id, "third");
  expect_failure(m, std::nullopt, Origin::kAgent, Cause::kOverloaded);
  EXPECT_EQ(phases_of(m), "");
}

TEST_F(ProberFailures, HasRoomAgainOnceAProbeIsOver) {
  set_max_running(1);
  const fakes::DeadPort port;
  for (int i = 0; i < 3; ++i) {
    expect_failure(probe(http(port.number())), Phase::kConnect, Origin::kTarget, Cause::kRefused);
  }
}

TEST_F(ProberFailures, EndsFiftyAtOnceByTheirDeadlines) {
  ScriptedServer silent([](Connection& connection) { connection.wait_for_end(); });
  for (int i = 0; i < 50; ++i) start(fmt::format("t{}", i), http(silent.port()), kShort);
  for (int i = 0; i < 50; ++i) {
    const Measurement m = next();
    ASSERT_TRUE(m.failure);
    EXPECT_EQ(m.failure->cause, Cause::kTimeout);
    expect_ended_by(m, kShort);
  }
}

TEST_F(ProberFailures, StopsWhateverStillRuns) {
  ScriptedServer silent([](Connection& connection) { connection.wait_for_end(); });
  dns_.silence("demo.test");
  start("waiting", http(silent.port()));
  start("shaking hands", https(silent.port()));
  start("resolving", fmt::format("http://demo.test:{}/", silent.port()));
  wait_for_step("waiting", Phase::kWait);
  wait_for_step("shaking hands", Phase::kTls);
  wait_for_step("resolving", Phase::kDns);
  prober().stop();
  prober().stop();
}

}  // namespace
}  // namespace firstbyte::agent
