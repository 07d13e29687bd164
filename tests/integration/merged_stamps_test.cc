// What the kernel merges while the agent is away has the stamp of what came last. The real prober,
// kept from reading, against servers that send in parts.
#include <sys/ioctl.h>

#include "tests/fakes/held_loop.h"
#include "tests/fakes/tls_session.h"
#include "tests/integration/prober_fixture.h"

namespace firstbyte::agent {
namespace {

using std::chrono::milliseconds;

class MergedStamps : public ProberFixture {
 protected:
  using Connection = fakes::ScriptedServer::Connection;

  MergedStamps() {
    authority_.issue("good", 30);
    trust(authority_.ca_file());
  }

  Measurement probe_of(std::string_view scheme, const fakes::ScriptedServer::Script& script) {
    const fakes::ScriptedServer server(script);
    const Measurement m = probe(fmt::format("{}://127.0.0.1:{}/", scheme, server.port()));
    EXPECT_FALSE(m.failure) << m.failure->message;
    EXPECT_EQ(m.status, 200);
    return m;
  }
  // Whatever is sent next comes apart, and will be merged: the kernel leaves alone only what may
  // have to be sent again.
  static void part(const fakes::Socket& socket) {
    int unacknowledged = 1;
    while (ioctl(socket.fd(), TIOCOUTQ, &unacknowledged) == 0 && unacknowledged > 0) {
      std::this_thread::yield();
    }
    std::this_thread::sleep_for(milliseconds{2});
  }
  // The phases that are vouched for, in words.
  static std::string kernel_phases_of(const Measurement& m) {
    std::string words;
    for (const Phase phase : kPhases) {
      const auto& span = m.timings.span(phase);
      if (!span || span->clock != Span::Clock::kKernel) continue;
      words += words.empty() ? "" : " ";
      words += to_string(phase);
    }
    return words;
  }
  // The loop is held when the server reads this message of the client's.
  void hold_at(SSL_CTX* context, int message) {
    message_ = message;
    SSL_CTX_set_msg_callback_arg(context, this);
    SSL_CTX_set_msg_callback(
        context, +[](int written, int /*version*/, int type, const void* data, std::size_t size,
                     SSL*, void* self) {
          auto* const test = static_cast<MergedStamps*>(self);
          if (written == 0 && type == SSL3_RT_HANDSHAKE && size > 0 &&
              *static_cast<const unsigned char*>(data) == test->message_) {
            test->held_.emplace(test->prober().loop());
          }
        });
  }

  const std::string head_ = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n";
  const std::string early_ = "HTTP/1.1 100 Continue\r\n\r\n";
  const fakes::TempDir folder_;
  const fakes::CertificateAuthority authority_{folder_};
  std::optional<fakes::HeldLoop> held_;

 private:
  int message_ = 0;
};

// Regression: each of these phases was marked as the kernel's, and ended when the other thing came.

TEST_F(MergedStamps, AreNotVouchedForAtTheEndOfAnAnswerBeforeAFarewell) {
  const Measurement m = probe_of("https", [&](Connection& connection) {
    fakes::TlsSession tls(connection.socket(), folder_ / "good");
    if (!tls.accept()) return;
    tls.read_request();
    tls.send(head_);
    wait_for_step("test", Phase::kTransfer);
    held_.emplace(prober().loop());
    tls.send("body");
    part(connection.socket());
    SSL_shutdown(tls.ssl());
    part(connection.socket());
    held_.reset();
    tls.wait_for_end();
  });
  EXPECT_EQ(kernel_phases_of(m), "connect tls wait");
}

TEST_F(MergedStamps, AreNotVouchedForBeforeTheEndOfAConnection) {
  const Measurement m = probe_of("http", [&](Connection& connection) {
    connection.read_request();
    connection.send(head_);
    wait_for_step("test", Phase::kTransfer);
    held_.emplace(prober().loop());
    connection.send("body");
    part(connection.socket());
    ::shutdown(connection.socket().fd(), SHUT_WR);
    part(connection.socket());
    held_.reset();
    connection.wait_for_end();
  });
  EXPECT_EQ(kernel_phases_of(m), "connect wait");
}

// As a server does that speaks HTTP/2, of its settings.
TEST_F(MergedStamps, AreNotVouchedForAtTheEndOfAHandshakeOfTls12) {
  const Measurement m = probe_of("https", [&](Connection& connection) {
    fakes::TlsSession tls(connection.socket(), folder_ / "good", [&](SSL_CTX* context) {
      SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
      hold_at(context, SSL3_MT_FINISHED);
    });
    if (!tls.accept()) return;
    part(connection.socket());
    tls.send(early_);
    part(connection.socket());
    held_.reset();
    tls.read_request();
    tls.send(head_ + "body");
    tls.wait_for_end();
  });
  EXPECT_EQ(m.timings.span(Phase::kTls)->clock, Span::Clock::kAgent);
}

// TLS 1.3 lets a server speak before the client has finished.
TEST_F(MergedStamps, AreNotVouchedForAtTheEndOfAFlightOfTls13) {
  const Measurement m = probe_of("https", [&](Connection& connection) {
    fakes::TlsSession tls(connection.socket(), folder_ / "good",
                          [&](SSL_CTX* context) { hold_at(context, SSL3_MT_CLIENT_HELLO); });
    char none = 0;
    std::size_t size = 0;
    SSL_read_early_data(tls.ssl(), &none, sizeof none, &size);
    part(connection.socket());
    SSL_write_early_data(tls.ssl(), early_.data(), early_.size(), &size);
    part(connection.socket());
    held_.reset();
    if (!tls.accept()) return;
    tls.read_request();
    tls.send(head_ + "body");
    tls.wait_for_end();
  });
  EXPECT_EQ(m.tls->version, "TLSv1.3");
  EXPECT_EQ(m.timings.span(Phase::kTls)->clock, Span::Clock::kAgent);
}

// An agent that is always late, and a server with good manners: nothing is merged but tickets, the
// settings of HTTP/2 and the answer.
TEST_F(MergedStamps, AreOfFirstBytesOnlyWhereAServerKeepsItsConnections) {
  constexpr int kProbes = 6;
  const fakes::NginxServer nginx;
  trust(nginx.ca_file());
  dns_.add("good.test", "127.0.0.1");
  on_step([](const Step&) { std::this_thread::sleep_for(milliseconds{1}); });
  for (int i = 0; i < kProbes; ++i) {
    for (const std::uint16_t port : {nginx.https_port(), nginx.https1_port()}) {
      start("test", fmt::format("https://good.test:{}/", port));
    }
  }
  for (int i = 0; i < 2 * kProbes; ++i) {
    const Measurement m = next();
    EXPECT_EQ(m.status, 200);
    EXPECT_EQ(m.timings.span(Phase::kTls)->clock, Span::Clock::kKernel);
    EXPECT_EQ(m.timings.span(Phase::kTransfer)->clock, m.timings.span(Phase::kWait)->clock);
  }
}

}  // namespace
}  // namespace firstbyte::agent
