// The real prober, and what may come of a SYN: an answer at the second try, a reset, or nothing.
#include <future>

#include "tests/fakes/net_namespace.h"
#include "tests/integration/prober_fixture.h"

namespace firstbyte::agent {
namespace {

class ProberConnect : public ProberFixture {};

// What tcpi_rtt says then counts from nobody knows which SYN.
TEST_F(ProberConnect, IsByTheAgentsClockWhenTheSynWasSentAgain) {
  // The kernel's first resend comes after a second.
  constexpr std::chrono::milliseconds kResend{900};
  fakes::Socket listener = fakes::Socket::listening();
  ASSERT_EQ(::listen(listener.fd(), 0), 0);  // has room for one
  const fakes::Socket first = fakes::Socket::connected(listener.port());
  start("test", fmt::format("http://127.0.0.1:{}/", listener.port()));
  wait_for_step("test", Phase::kConnect);
  std::this_thread::sleep_for(kShort);  // its SYN is dropped
  const fakes::ScriptedServer server(
      [](auto& connection) {
        if (connection.read_request().empty()) return;
        connection.send(fakes::http_answer("200 OK", "", "ok"));
        connection.wait_for_end();
      },
      std::move(listener));
  const Measurement m = next();
  ASSERT_FALSE(m.failure) << m.failure->message;
  EXPECT_EQ(m.status, 200);
  EXPECT_EQ(m.tcp.value().retransmits, 1U);
  EXPECT_EQ(m.timings.span(Phase::kConnect)->clock, Span::Clock::kAgent);
  EXPECT_GE(m.timings.duration(Phase::kConnect), kResend);
  for (const Phase phase : {Phase::kWait, Phase::kTransfer}) {
    EXPECT_EQ(m.timings.span(phase)->clock, Span::Clock::kKernel) << to_string(phase);
  }
}

// The kernel connects on its own: whoever looks late finds a connection that is over.
TEST_F(ProberConnect, FailsForAConnectionThatIsResetBeforeItIsSeen) {
  std::promise<void> reset;
  const fakes::ScriptedServer server([&](auto& connection) {
    connection.reset();
    reset.set_value();
  });
  on_step([this, done = reset.get_future().share()](const Step& step) {
    // Runs once the SYN has left, and before anybody looks what became of it.
    if (step.phase == Phase::kConnect) prober().loop().post([done] { done.wait(); });
  });
  const Measurement m = probe(fmt::format("http://127.0.0.1:{}/", server.port()));
  expect_failure(m, Phase::kConnect, Origin::kTarget, Cause::kReset);
  EXPECT_EQ(phases_of(m), "connect");
}

TEST_F(ProberConnect, FailsForAnAddressThatNoRouteLeadsTo) {
  const bool ran = fakes::run_in_own_network([this] {
    fakes::ip("link set lo up");
    fakes::ip("route add unreachable 8.8.8.8/32");
    set_resolver(53);
    const Measurement host = probe("http://8.8.8.8/");
    expect_failure(host, Phase::kConnect, Origin::kNetwork, Cause::kUnreachable);
    EXPECT_EQ(host.failure->message, "8.8.8.8 port 80 is unreachable: No route to host");
    const Measurement network = probe("http://9.9.9.9/");
    expect_failure(network, Phase::kConnect, Origin::kNetwork, Cause::kUnreachable);
    EXPECT_EQ(network.failure->message, "9.9.9.9 port 80 is unreachable: Network is unreachable");
  });
  if (!ran) GTEST_SKIP() << fakes::kNoNamespaces;
}

}  // namespace
}  // namespace firstbyte::agent
