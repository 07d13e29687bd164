// The real prober ends a phase at its limit, and fails for what is not as expected.
#include "tests/fakes/web_site.h"
#include "tests/integration/prober_fixture.h"

namespace firstbyte::agent {
namespace {

Target target_of(std::string url) {
  return {.url = std::move(url), .timeout = std::chrono::seconds{20}};
}

using Connection = fakes::ScriptedServer::Connection;

constexpr std::chrono::milliseconds kPhaseLimit{100};
constexpr std::chrono::seconds kLimitSlack{
    5};  // proves that it ended, not how fast this machine is

class PhaseLimit : public ProberFixture {
 protected:
  // The phase under the limit is the one that ends; the rest have theirs too, far off.
  Measurement limited(std::string url, Phase phase) {
    Target asked = target_of(std::move(url));
    asked.phase_limits.fill(kPlenty);
    asked.phase_limits[static_cast<std::size_t>(phase)] = kPhaseLimit;
    return probe(asked);
  }
  static void expect_limit(const Measurement& m, Phase phase, Origin origin,
                           std::string_view message) {
    expect_failure(m, phase, origin, Cause::kTimeout);
    EXPECT_EQ(m.failure->message, message);
    ASSERT_TRUE(m.timings.duration(phase));
    EXPECT_GE(*m.timings.duration(phase), kPhaseLimit - std::chrono::milliseconds{1});
    EXPECT_LT(*m.timings.duration(phase), kPhaseLimit + kLimitSlack);
  }
};

TEST_F(PhaseLimit, EndsALookup) {
  dns_.silence("a.test");
  expect_limit(limited("http://a.test/", Phase::kDns), Phase::kDns, Origin::kResolver,
               "the resolver did not answer within 0.1 s");
}

TEST_F(PhaseLimit, EndsAConnectionAttempt) {
  const fakes::Socket full = fakes::Socket::bound(SOCK_STREAM);
  ASSERT_EQ(::listen(full.fd(), 0), 0);
  const fakes::Socket in_the_queue = fakes::Socket::connected(full.port());
  expect_limit(limited(fmt::format("http://127.0.0.1:{}/", full.port()), Phase::kConnect),
               Phase::kConnect, Origin::kNetwork, "no connection was made within 0.1 s");
}

TEST_F(PhaseLimit, EndsAHandshake) {
  fakes::ScriptedServer silent([](Connection& connection) { connection.wait_for_end(); });
  expect_limit(limited(fmt::format("https://127.0.0.1:{}/", silent.port()), Phase::kTls),
               Phase::kTls, Origin::kTarget, "the TLS handshake did not finish within 0.1 s");
}

TEST_F(PhaseLimit, EndsTheWait) {
  fakes::WebSite site;
  site.page("/", [](Connection& connection) { connection.wait_for_end(); });
  expect_limit(limited(site.url(), Phase::kWait), Phase::kWait, Origin::kTarget,
               "no first byte came within 0.1 s");
}

TEST_F(PhaseLimit, EndsTheTransfer) {
  fakes::WebSite site;
  site.page("/", [](Connection& connection) {
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
    while (connection.pause(Millis{10}) && connection.send("x")) {
    }
  });
  const Measurement m = limited(site.url(), Phase::kTransfer);
  expect_limit(m, Phase::kTransfer, Origin::kTarget, "the answer did not end within 0.1 s");
  EXPECT_EQ(m.status, 200);
}

TEST_F(PhaseLimit, EndsNoOtherPhase) {
  fakes::WebSite site;
  site.page("/", [](Connection& connection) {
    connection.pause(3 * kPhaseLimit);
    connection.send(fakes::http_answer("200 OK", "", "ok"));
  });
  dns_.add("a.test", "127.0.0.1");
  for (const Phase phase : {Phase::kDns, Phase::kConnect, Phase::kTls, Phase::kTransfer}) {
    const Measurement m = limited(site.url("/", "a.test"), phase);
    EXPECT_FALSE(m.failure) << to_string(phase) << ": " << m.failure->message;
  }
}

// ---------------------------------------------------------------------- expectations

using ProbeExpectations = ProberFixture;

TEST_F(ProbeExpectations, FailTheProbeWhenTheyAreNotMet) {
  fakes::WebSite site;
  site.answer("/", fakes::http_answer("503 Busy", "X-Edge: ny1\r\nSet-Cookie: a=b\r\n", ""));
  const auto failing = [&](Expectations expect) {
    Target asked = target_of(site.url());
    asked.expect = std::move(expect);
    return probe(asked);
  };
  const Measurement status = failing({.status = StatusRange{200, 299}});
  expect_failure(status, std::nullopt, Origin::kTarget, Cause::kUnexpectedStatus);
  EXPECT_EQ(status.status, 503);
  EXPECT_EQ(phases_of(status), "connect wait transfer");
  expect_failure(failing({.headers = {{"x-edge", "ny2"}}}), std::nullopt, Origin::kTarget,
                 Cause::kUnexpectedHeader);
  expect_failure(failing({.headers = {{"set-cookie", "a=b"}}}), std::nullopt, Origin::kTarget,
                 Cause::kUnexpectedHeader);
  expect_failure(failing({.certificate_days = 1}), std::nullopt, Origin::kTarget,
                 Cause::kCertificateExpiring);
  expect_failure(failing({.ttfb = Micros{1}}), Phase::kWait, Origin::kTarget, Cause::kTooSlow);
  const Measurement met = failing({.status = StatusRange{503, 503},
                                   .headers = {{"x-edge", "ny1"}, {"set-cookie", std::nullopt}},
                                   .ttfb = kHung});
  EXPECT_FALSE(met.failure) << met.failure->message;
}

TEST_F(ProbeExpectations, FailForACertificateThatExpiresSoon) {
  const fakes::NginxServer nginx;
  trust(nginx.ca_file());
  dns_.add("good.test", "127.0.0.1");
  Target asked = target_of(fmt::format("https://good.test:{}/", nginx.https_port()));
  asked.expect.certificate_days = 31;
  const Measurement m = probe(asked);
  expect_failure(m, Phase::kTls, Origin::kTarget, Cause::kCertificateExpiring);
  EXPECT_EQ(m.failure->message, "the certificate expires in 29 days, not in 31 or more");
  asked.expect.certificate_days = 29;
  EXPECT_FALSE(probe(asked).failure);
}

// A failure of the probe itself says more than what it left unmet.
TEST_F(ProbeExpectations, LeaveItsOwnFailureToAProbe) {
  const fakes::DeadPort port;
  Target asked = target_of(fmt::format("http://127.0.0.1:{}/", port.number()));
  asked.expect.status = StatusRange{200, 299};
  expect_failure(probe(asked), Phase::kConnect, Origin::kTarget, Cause::kRefused);
}

}  // namespace
}  // namespace firstbyte::agent
