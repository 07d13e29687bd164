// The real prober's phases by the kernel's stamps, against a real nginx and servers of known delay.
#include <atomic>

#include "tests/fakes/tls_session.h"
#include "tests/integration/prober_fixture.h"

namespace firstbyte::agent {
namespace {

using std::chrono::milliseconds;

// The phases whose begin and end the kernel saw, in words.
std::string kernel_phases_of(const Measurement& measurement) {
  std::string words;
  for (const Phase phase : kPhases) {
    const auto& span = measurement.timings.span(phase);
    if (!span || span->clock != Span::Clock::kKernel) continue;
    words += words.empty() ? "" : " ";
    words += to_string(phase);
  }
  return words;
}

class KernelStamps : public ProberFixture {
 protected:
  KernelStamps() {
    trust(nginx_.ca_file());
    dns_.add("good.test", "127.0.0.1", 30);
  }

  std::string url(std::string_view scheme, std::uint16_t port) const {
    return fmt::format("{}://good.test:{}/", scheme, port);
  }

  const fakes::NginxServer nginx_;
};

TEST_F(KernelStamps, CoverEveryPhaseOverHttp2) {
  const Measurement m = probe(url("https", nginx_.https_port()));
  EXPECT_EQ(m.http_version, "2");
  EXPECT_EQ(kernel_phases_of(m), "dns connect tls wait transfer");
}

TEST_F(KernelStamps, CoverEveryPhaseOverHttps) {
  const Measurement m = probe(url("https", nginx_.https1_port()));
  EXPECT_EQ(m.http_version, "1.1");
  EXPECT_EQ(kernel_phases_of(m), "dns connect tls wait transfer");
}

TEST_F(KernelStamps, CoverEveryPhaseOverPlainHttp) {
  EXPECT_EQ(kernel_phases_of(probe(url("http", nginx_.http_port()))), "dns connect wait transfer");
}

// What peers call TLS: this machine's own cryptography, between the server's last word and ours.
TEST_F(KernelStamps, LeaveTheAgentsOwnCryptographyToOther) {
  const Measurement m = probe(url("https", nginx_.https1_port()));
  const auto gap = m.timings.span(Phase::kWait)->begin - m.timings.span(Phase::kTls)->end;
  EXPECT_GT(gap, Micros{0});
  EXPECT_GE(m.timings.other(), gap);
}

TEST_F(KernelStamps, TellWhatTheKernelKnowsOfTheConnection) {
  const Measurement m = probe(url("https", nginx_.https_port()));
  ASSERT_TRUE(m.tcp);
  EXPECT_EQ(m.tcp->rtt, m.timings.duration(Phase::kConnect));
  EXPECT_EQ(m.tcp->retransmits, 0U);
  EXPECT_FALSE(m.tcp->congestion_control.empty());
}

TEST_F(KernelStamps, SayNothingOfAConnectionThatWasNeverThere) {
  const fakes::DeadPort port;
  const Measurement m = probe(url("http", port.number()));
  EXPECT_EQ(kernel_phases_of(m), "dns");
  EXPECT_FALSE(m.tcp);
}

// A server that answers after a while, and an agent that is kept from reading for far longer.
TEST_F(KernelStamps, StayTrueWhileTheAgentIsBusy) {
  constexpr milliseconds kService{60};
  constexpr milliseconds kBusy{400};
  const fakes::ScriptedServer slow([&](auto& connection) {
    connection.read_request();
    connection.pause(kService);
    connection.send(fakes::http_answer("200 OK", "", "ok"));
    connection.wait_for_end();
  });
  on_step([&](const Step& step) {
    if (step.test_id == "busy" && step.phase == Phase::kDns) std::this_thread::sleep_for(kBusy);
  });
  start("watched", url("http", slow.port()));
  wait_for_step("watched", Phase::kWait);
  std::this_thread::sleep_for(kService / 3);  // the request is on its way
  start("busy", url("http", nginx_.http_port()));

  Measurement m = next();
  if (m.test_id != "watched") m = next();
  EXPECT_EQ(m.test_id, "watched");
  EXPECT_GE(m.timings.duration(Phase::kWait), kService);
  EXPECT_LT(m.timings.duration(Phase::kWait), kBusy / 2);
  EXPECT_GE(m.timings.total(), kBusy);
}

// The same hooks as over IPv4, by other names: a departure comes as IPV6_RECVERR.
class KernelStampsOverIpv6 : public ProberFixture {
 protected:
  KernelStampsOverIpv6() {
    authority_.issue("good", 30);
    trust(authority_.ca_file());
    set_policy(allowing({"::1"}));
    set_resolver(dns_v6_.port(), "::1");
    dns_v6_.add("good.test", "::1");
  }

  // Of one answer over ::1, with what is said of each phase.
  Measurement probe_of(std::string_view scheme, const fakes::ScriptedServer::Script& script) {
    const fakes::ScriptedServer server(script, fakes::Socket::listening_v6());
    Measurement m = probe({.url = fmt::format("{}://good.test:{}/", scheme, server.port()),
                           .family = Family::kIpv6,
                           .timeout = kPlenty});
    EXPECT_EQ(m.status, 200) << (m.failure ? m.failure->message : "");
    EXPECT_EQ(m.remote, (Endpoint{"::1", server.port()}));
    EXPECT_EQ(m.dns->resolver, fmt::format("[::1]:{}", dns_v6_.port()));
    return m;
  }

  const std::string answer_ = fakes::http_answer("200 OK", "", "ok");
  fakes::DnsServer dns_v6_{fakes::DnsServer::On::kIpv6};
  const fakes::TempDir folder_;
  const fakes::CertificateAuthority authority_{folder_};
};

TEST_F(KernelStampsOverIpv6, CoverEveryPhaseOverHttps) {
  const Measurement m = probe_of("https", [&](auto& connection) {
    fakes::TlsSession tls(connection.socket(), folder_ / "good");
    if (!tls.accept()) return;
    tls.read_request();
    tls.send(answer_);
    tls.wait_for_end();
  });
  EXPECT_EQ(kernel_phases_of(m), "dns connect tls wait transfer");
  ASSERT_TRUE(m.tcp);
  EXPECT_EQ(m.tcp->rtt, m.timings.duration(Phase::kConnect));
}

TEST_F(KernelStampsOverIpv6, CoverEveryPhaseOverPlainHttp) {
  const Measurement m = probe_of("http", [&](auto& connection) {
    connection.read_request();
    connection.send(answer_);
    connection.wait_for_end();
  });
  EXPECT_EQ(kernel_phases_of(m), "dns connect wait transfer");
}

// Regression: whatever was waited for behind the last byte that came was booked as the agent's own.
class WaitsForTheOtherSide : public ProberFixture {
 protected:
  static constexpr milliseconds kWaited{300};
  static constexpr milliseconds kOwnAtMost{150};

  // A server that sends this, then holds the connection for a while, then closes it.
  Measurement after(const std::string& bytes, milliseconds timeout) {
    const fakes::ScriptedServer server([&](auto& connection) {
      connection.read_request();
      connection.send(bytes);
      connection.pause(kWaited);
    });
    return probe(fmt::format("http://127.0.0.1:{}/", server.port()), timeout);
  }
};

TEST_F(WaitsForTheOtherSide, WhenTheBodyStallsUntilTheDeadline) {
  const Measurement m = after("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", kWaited / 2);
  ASSERT_TRUE(m.failure);
  EXPECT_LT(m.timings.other(), kOwnAtMost / 2);
  EXPECT_EQ(m.timings.span(Phase::kTransfer)->clock, Span::Clock::kAgent);
}

TEST_F(WaitsForTheOtherSide, WhenTheBodyEndsWithTheConnection) {
  const Measurement m = after("HTTP/1.0 200 OK\r\n\r\nall of it", kPlenty);
  ASSERT_FALSE(m.failure) << m.failure->message;
  EXPECT_GE(m.timings.duration(Phase::kTransfer), kWaited - milliseconds{50});
  EXPECT_LT(m.timings.other(), kOwnAtMost);
}

TEST_F(WaitsForTheOtherSide, WhenTheConnectionBreaksWithinTheBody) {
  const Measurement m = after("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", kPlenty);
  ASSERT_TRUE(m.failure);
  EXPECT_LT(m.timings.other(), kOwnAtMost);
}

TEST_F(WaitsForTheOtherSide, WhenTheSecondQueryIsNotAnswered) {
  dns_.script("half.test", 0, [](fakes::DnsPacket&, const fakes::DnsServer::Query& query) {
    if (query.type == fakes::kDnsAaaa) std::this_thread::sleep_for(2 * kWaited);
  });
  const Measurement m = probe("http://half.test/", kWaited);
  expect_failure(m, Phase::kDns, Origin::kResolver, Cause::kTimeout);
  EXPECT_LT(m.timings.other(), kOwnAtMost);
  EXPECT_EQ(m.timings.span(Phase::kDns)->clock, Span::Clock::kAgent);
}

TEST_F(KernelStamps, TimeAResolverOfKnownDelay) {
  constexpr milliseconds kDelay{50};
  dns_.script("slow.test", 0, [=](fakes::DnsPacket& packet, const fakes::DnsServer::Query&) {
    std::this_thread::sleep_for(kDelay);
    packet.address("slow.test", "127.0.0.1", 5);
  });
  const Measurement m = probe(fmt::format("http://slow.test:{}/", nginx_.http_port()));
  EXPECT_GE(m.timings.duration(Phase::kDns), kDelay);
  EXPECT_EQ(kernel_phases_of(m), "dns connect wait transfer");
}

// What TLS 1.3 sends as soon as the handshake is through is no answer.
TEST_F(KernelStamps, TakeNoSessionTicketForTheResponse) {
  constexpr milliseconds kService{100};
  const fakes::TempDir folder;
  const fakes::CertificateAuthority authority(folder);
  authority.issue("good", 30);
  trust(authority.ca_file());
  std::atomic<int> tickets = 0;
  const fakes::ScriptedServer server([&](auto& connection) {
    fakes::TlsSession tls(connection.socket(), folder / "good", [&](SSL_CTX* context) {
      SSL_CTX_set_msg_callback_arg(context, &tickets);
      SSL_CTX_set_msg_callback(
          context, +[](int written, int /*version*/, int type, const void* data, std::size_t size,
                       SSL*, void* count) {
            if (written != 0 && type == SSL3_RT_HANDSHAKE && size > 0 &&
                *static_cast<const unsigned char*>(data) == SSL3_MT_NEWSESSION_TICKET) {
              ++*static_cast<std::atomic<int>*>(count);
            }
          });
    });
    if (!tls.accept()) return;
    tls.read_request();
    connection.pause(kService);
    tls.send(fakes::http_answer("200 OK", "", "ok"));
    tls.wait_for_end();
  });
  const Measurement m = probe(url("https", server.port()));
  EXPECT_EQ(m.status, 200);
  EXPECT_EQ(m.tls->version, "TLSv1.3");
  EXPECT_GT(tickets, 0);
  EXPECT_EQ(kernel_phases_of(m), "dns connect tls wait transfer");
  EXPECT_GE(m.timings.duration(Phase::kWait), kService);
}

// Regression: a peer whose every PING is answered filled this agent's memory.
TEST(KernelStampsOfDepartures, AreBounded) {
  const fakes::Socket socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in to_itself{};
  to_itself.sin_family = AF_INET;
  to_itself.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof to_itself;
  auto* const address = reinterpret_cast<sockaddr*>(&to_itself);
  ASSERT_EQ(bind(socket.fd(), address, size), 0);
  ASSERT_EQ(getsockname(socket.fd(), address, &size), 0);
  ASSERT_EQ(connect(socket.fd(), address, size), 0);
  ASSERT_TRUE(stamp_departures(socket.fd()));

  Departures departures;
  constexpr auto kMost = static_cast<std::uint32_t>(Departures::kMax);
  char byte = 0;
  for (std::uint32_t sent = 0; sent < 2 * kMost; ++sent) {
    ASSERT_EQ(send(socket.fd(), &byte, 1, 0), 1);
    EXPECT_TRUE(departures.drain(socket.fd()));
    ASSERT_EQ(recv(socket.fd(), &byte, 1, 0), 1);
    EXPECT_EQ(departures.last_key().has_value(), sent + 1 < kMost) << sent;
  }
  EXPECT_TRUE(departures.of(kMost - 1));
  EXPECT_FALSE(departures.of(kMost));
}

}  // namespace
}  // namespace firstbyte::agent
