// The real prober against a real nginx.
#include <set>

#include "tests/integration/prober_fixture.h"

namespace firstbyte::agent {
namespace {

class NginxProber : public ProberFixture {
 protected:
  NginxProber() {
    trust(nginx_.ca_file());
    for (const char* name : {"good.test", "expired.test", "selfsigned.test", "other.test"}) {
      dns_.add(name, "127.0.0.1", 30);
    }
  }

  std::string https(std::string_view path = "/", std::string_view host = "good.test") const {
    return fmt::format("https://{}:{}{}", host, nginx_.https_port(), path);
  }
  std::string http(std::string_view path = "/") const {
    return fmt::format("http://good.test:{}{}", nginx_.http_port(), path);
  }

  const fakes::NginxServer nginx_;
};

TEST_F(NginxProber, TimesEveryPhaseInOrder) {
  const Measurement m = probe(https());
  ASSERT_FALSE(m.failure) << m.failure->message;
  EXPECT_EQ(phases_of(m), "dns connect tls wait transfer");
  Micros last{0};
  for (const Phase phase : kPhases) {
    EXPECT_GE(m.timings.span(phase)->begin, last) << to_string(phase);
    last = m.timings.span(phase)->end;
  }
  EXPECT_GE(m.timings.total(), last);
}

TEST_F(NginxProber, TimesPhasesThatAddUpToTheTotal) {
  const Measurement m = probe(https());
  Micros sum = m.timings.other();
  for (const Phase phase : kPhases) sum += m.timings.duration(phase).value();
  EXPECT_EQ(sum, m.timings.total());
  EXPECT_GT(m.timings.duration(Phase::kTls), Micros{0});
  EXPECT_EQ(m.timings.ttfb(), m.timings.span(Phase::kTransfer)->begin);
}

TEST_F(NginxProber, SaysWhatWasAskedAndWhen) {
  const WallTime before = system_clock().wall();
  const Measurement m = probe(https("/index.html"));
  EXPECT_EQ(m.test_id, "test");
  EXPECT_EQ(m.url, https("/index.html"));
  EXPECT_GE(m.measured_at, before);
  EXPECT_LE(m.measured_at, system_clock().wall());
}

TEST_F(NginxProber, SaysWhatTheServerAnswered) {
  const Measurement m = probe(https());
  EXPECT_EQ(m.status, 200);
  EXPECT_EQ(m.http_version, "2");
  EXPECT_EQ(header(m, "x-edge-route"), "ny1");
  EXPECT_EQ(header(m, "content-type"), "text/html");
  EXPECT_FALSE(m.headers_truncated);
}

TEST_F(NginxProber, TellsNoCookies) {
  EXPECT_EQ(header(probe(https()), "set-cookie"), "<redacted>");
}

TEST_F(NginxProber, KeepsTheFactsOfTheHandshake) {
  const Measurement m = probe(https());
  ASSERT_TRUE(m.tls);
  EXPECT_EQ(m.tls->version, "TLSv1.3");
  EXPECT_EQ(m.tls->cipher.find("TLS_"), 0U);
  EXPECT_EQ(m.tls->subject, "CN=good.test");
  EXPECT_EQ(m.tls->issuer, "CN=Test CA,O=Firstbyte tests");
  ASSERT_TRUE(m.tls->not_after);
  EXPECT_GT(*m.tls->not_after, m.measured_at + std::chrono::days{29});
  EXPECT_LT(*m.tls->not_after, m.measured_at + std::chrono::days{31});
}

TEST_F(NginxProber, KeepsWhatTheResolverAnswered) {
  const Measurement m = probe(https());
  ASSERT_TRUE(m.dns);
  EXPECT_EQ(m.dns->resolver, fmt::format("127.0.0.1:{}", dns_.port()));
  EXPECT_EQ(m.dns->addresses,
            (std::vector<ResolvedAddress>{{"127.0.0.1", std::chrono::seconds{30}}}));
}

TEST_F(NginxProber, KnowsBothEndsOfTheConnection) {
  const Measurement m = probe(https());
  EXPECT_EQ(m.remote, (Endpoint{"127.0.0.1", nginx_.https_port()}));
  ASSERT_TRUE(m.local);
  EXPECT_EQ(m.local->ip, "127.0.0.1");
  EXPECT_GT(m.local->port, 0);
}

TEST_F(NginxProber, TellsEachPhaseWhenItBegins) {
  const Measurement m = probe(https());
  const auto told = steps();
  ASSERT_EQ(told.size(), kPhaseCount);
  Micros last{};
  for (std::size_t i = 0; i < kPhaseCount; ++i) {
    EXPECT_EQ(told[i].test_id, "test");
    EXPECT_EQ(told[i].phase, kPhases[i]);
    // By the agent's own clock, as the kernel's stamps are put together at the end only.
    EXPECT_GE(told[i].elapsed, last);
    last = told[i].elapsed;
  }
  EXPECT_LE(last, m.timings.total());
}

TEST_F(NginxProber, SpeaksHttp1WhereTheServerDoes) {
  const Measurement m = probe(fmt::format("https://good.test:{}/", nginx_.https1_port()));
  EXPECT_EQ(m.status, 200);
  EXPECT_EQ(m.http_version, "1.1");
  EXPECT_EQ(phases_of(m), "dns connect tls wait transfer");
}

TEST_F(NginxProber, HasNoTlsOverPlainHttp) {
  const Measurement m = probe(http());
  ASSERT_FALSE(m.failure) << m.failure->message;
  EXPECT_EQ(phases_of(m), "dns connect wait transfer");
  EXPECT_EQ(m.tls, std::nullopt);
  EXPECT_EQ(m.status, 200);
}

TEST_F(NginxProber, HasNoDnsForAnAddress) {
  const Measurement m = probe(https("/", "127.0.0.1"));
  ASSERT_FALSE(m.failure) << m.failure->message;
  EXPECT_EQ(phases_of(m), "connect tls wait transfer");
  EXPECT_EQ(m.dns, std::nullopt);
  EXPECT_TRUE(dns_.queries().empty());
}

TEST_F(NginxProber, FinishesWhenTheServerReportsAnError) {
  const Measurement m = probe(https("/error"));
  EXPECT_EQ(m.status, 500);
  EXPECT_FALSE(m.failure);
  EXPECT_EQ(header(m, "x-edge-route"), "ny1");
}

TEST_F(NginxProber, DoesNotFollowARedirect) {
  const Measurement m = probe(https("/moved"));
  EXPECT_EQ(m.status, 301);
  EXPECT_TRUE(header(m, "location"));
  EXPECT_FALSE(m.failure);
}

TEST_F(NginxProber, IsColdEachTime) {
  const Measurement first = probe(https());
  const Measurement second = probe(https());
  for (const Measurement& m : {first, second}) {
    EXPECT_EQ(phases_of(m), "dns connect tls wait transfer");
    EXPECT_EQ(header(m, "x-session-reused"), ".");  // nginx's word for a full handshake
    EXPECT_EQ(header(m, "x-connection-requests"), "1");
  }
  EXPECT_NE(first.local->port, second.local->port);
  const auto queries = dns_.queries();
  ASSERT_EQ(queries.size(), 2U);
  EXPECT_NE(queries[0].from_port, queries[1].from_port);
}

TEST_F(NginxProber, FinishesFiftyAtOnce) {
  std::set<std::string> expected;
  for (int i = 0; i < 50; ++i) {
    expected.insert(fmt::format("t{}", i));
    start(fmt::format("t{}", i), i % 2 == 0 ? https() : http());
  }
  std::set<std::string> finished;
  std::set<std::uint16_t> ports;
  for (int i = 0; i < 50; ++i) {
    const Measurement m = next();
    EXPECT_FALSE(m.failure) << m.failure->message;
    EXPECT_EQ(m.status, 200);
    finished.insert(m.test_id);
    if (m.local) ports.insert(m.local->port);
  }
  EXPECT_EQ(finished, expected);
  EXPECT_EQ(ports.size(), 50U);
}

// A certificate that was seen before is not parsed again, but checked like any other.
TEST_F(NginxProber, ChecksACertificateThatItKnowsEachTime) {
  for (int i = 0; i < 3; ++i) {
    const Measurement refused = probe(https("/", "selfsigned.test"));
    expect_failure(refused, Phase::kTls, Origin::kTarget, Cause::kSelfSigned);
    ASSERT_TRUE(refused.tls);
    const Measurement taken = probe(https());
    EXPECT_FALSE(taken.failure);
    ASSERT_TRUE(taken.tls);
    EXPECT_NE(taken.tls->subject, refused.tls->subject);
    EXPECT_NE(taken.tls->issuer, refused.tls->issuer);
  }
}

TEST_F(NginxProber, FailsForACertificateThatIsSignedByItself) {
  const Measurement m = probe(https("/", "selfsigned.test"));
  expect_failure(m, Phase::kTls, Origin::kTarget, Cause::kSelfSigned);
  EXPECT_EQ(m.status, std::nullopt);
  EXPECT_EQ(phases_of(m), "dns connect tls");
  EXPECT_EQ(m.remote, (Endpoint{"127.0.0.1", nginx_.https_port()}));
}

// Regression: nobody could see whose certificate it was that was refused, `tls` being null.
TEST_F(NginxProber, KeepsTheCertificateThatIsSignedByItself) {
  const Measurement m = probe(https("/", "selfsigned.test"));
  ASSERT_TRUE(m.tls);
  EXPECT_EQ(m.tls->version, "TLSv1.3");
  EXPECT_EQ(m.tls->cipher.find("TLS_"), 0U);
  EXPECT_EQ(m.tls->subject, "CN=selfsigned.test");
  EXPECT_EQ(m.tls->issuer, "CN=selfsigned.test");
  EXPECT_TRUE(m.tls->not_after);
}

// Regression: as above.
TEST_F(NginxProber, KeepsTheCertificateOfAnotherName) {
  const Measurement m = probe(https("/", "other.test"));
  ASSERT_TRUE(m.tls);
  EXPECT_EQ(m.tls->subject, "CN=good.test");
}

// Regression: as above.
TEST_F(NginxProber, KeepsTheExpiredCertificate) {
  const Measurement m = probe(https("/", "expired.test"));
  ASSERT_TRUE(m.tls);
  ASSERT_TRUE(m.tls->not_after);
  EXPECT_LT(*m.tls->not_after, m.measured_at);
}

// Regression: the agent's own end of the connection was only told once the handshake was through.
TEST_F(NginxProber, KnowsItsOwnEndWhenTheHandshakeFails) {
  const Measurement m = probe(https("/", "selfsigned.test"));
  ASSERT_TRUE(m.local);
  EXPECT_EQ(m.local->ip, "127.0.0.1");
  EXPECT_GT(m.local->port, 0);
}

// Regression: it was taken for a certificate of an unknown issuer.
TEST_F(NginxProber, FailsForACertificateOfAnotherName) {
  expect_failure(probe(https("/", "other.test")), Phase::kTls, Origin::kTarget,
                 Cause::kNameMismatch);
}

TEST_F(NginxProber, FailsForAnExpiredCertificate) {
  expect_failure(probe(https("/", "expired.test")), Phase::kTls, Origin::kTarget, Cause::kExpired);
}

TEST_F(NginxProber, FailsForPlainHttpWhereTlsWasExpected) {
  const Measurement m = probe(fmt::format("https://good.test:{}/", nginx_.http_port()));
  expect_failure(m, Phase::kTls, Origin::kTarget, Cause::kHandshake);
  EXPECT_EQ(m.failure->message, "the server does not speak TLS on this port");
}

// Passes bytes on between the prober and nginx, the server's first ones late.
void relay_late(fakes::ScriptedServer::Connection& client, std::uint16_t port,
                std::chrono::milliseconds delay) {
  const fakes::Socket server = fakes::Socket::connected(port);
  bool first = true;
  while (true) {
    std::array<pollfd, 2> ready{pollfd{client.socket().fd(), POLLIN, 0},
                                pollfd{server.fd(), POLLIN, 0}};
    if (::poll(ready.data(), ready.size(), -1) <= 0) return;
    if (ready[0].revents != 0) {
      const std::string bytes = client.socket().receive();
      if (bytes.empty() || !server.send(bytes)) return;
    }
    if (ready[1].revents != 0) {
      const std::string bytes = server.receive();
      if (std::exchange(first, false)) client.pause(delay);
      if (bytes.empty() || !client.send(bytes)) return;
    }
  }
}

TEST_F(NginxProber, CountsASlowHandshakeAsTls) {
  constexpr Millis kDelay{60};
  fakes::ScriptedServer relay(
      [&](auto& connection) { relay_late(connection, nginx_.https_port(), kDelay); });
  const Measurement m = probe(fmt::format("https://good.test:{}/", relay.port()));
  ASSERT_FALSE(m.failure) << m.failure->message;
  EXPECT_GE(m.timings.duration(Phase::kTls), kDelay);
}

}  // namespace
}  // namespace firstbyte::agent
