// The real prober against TLS servers of known delay, and against HTTP/2 that is none.
#include "tests/fakes/tls_session.h"
#include "tests/integration/prober_fixture.h"

namespace firstbyte::agent {
namespace {

using Connection = fakes::ScriptedServer::Connection;
using fakes::ScriptedServer;
using fakes::TlsSession;
using std::chrono::milliseconds;

constexpr milliseconds kDelay{40};

class TlsExchange : public ProberFixture {
 protected:
  TlsExchange() {
    authority_.issue("good", 30);
    trust(authority_.ca_file());
  }

  Measurement probe_of(const ScriptedServer::Script& script) {
    const ScriptedServer server(script);
    return probe(fmt::format("https://127.0.0.1:{}/", server.port()));
  }
  // A server set up so, behind a way that delays whatever it sends.
  Measurement probe_behind_delay(const TlsSession::Setup& setup) {
    const ScriptedServer server([&](Connection& connection) {
      TlsSession session(connection.socket(), good(), setup);
      if (!session.accept()) return;
      session.read_request();
      session.send(fakes::http_answer("200 OK", "", "ok"));
      session.wait_for_end();
    });
    return probe_of([&](Connection& client) {
      const fakes::Socket inner = fakes::Socket::connected(server.port());
      std::jthread forth([&] {
        std::string bytes;
        do {
          bytes = client.socket().receive();
        } while (!bytes.empty() && inner.send(bytes));
        inner.shut_down();
      });
      while (true) {
        const std::string bytes = inner.receive();
        if (bytes.empty()) break;
        client.pause(kDelay);
        if (!client.send(bytes)) break;
      }
      client.shut_down();
    });
  }

  std::string good() const { return folder_ / "good"; }

  static void expect_two_turns(const Measurement& m) {
    ASSERT_FALSE(m.failure) << m.failure->message;
    const auto& tls = m.timings.span(Phase::kTls);
    ASSERT_TRUE(tls);
    EXPECT_EQ(tls->clock, Span::Clock::kKernel);
    EXPECT_GE(tls->duration(), 2 * kDelay);
    EXPECT_LT(tls->duration(), 3 * kDelay);
    // The client's cryptography between them.
    EXPECT_GT(tls->own, Micros{0});
    EXPECT_EQ(m.timings.other_within(), tls->own);
  }

  const fakes::TempDir folder_;
  const fakes::CertificateAuthority authority_{folder_};
};

TEST_F(TlsExchange, CountsBothTurnsOfTls12) {
  const Measurement m = probe_behind_delay(
      [](SSL_CTX* context) { SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION); });
  expect_two_turns(m);
  EXPECT_EQ(m.tls->version, "TLSv1.2");
}

TEST_F(TlsExchange, CountsBothTurnsOfAHelloRetryRequest) {
  const Measurement m =
      probe_behind_delay([](SSL_CTX* context) { SSL_CTX_set1_groups_list(context, "P-384"); });
  expect_two_turns(m);
  EXPECT_EQ(m.tls->version, "TLSv1.3");
}

// Regression: the farewell to the server was taken for the request where the answer had come in
// several records, so its stamps contradicted each other and were not believed.
TEST_F(TlsExchange, WaitsForTheFirstPieceOfAHeadThatComesInPieces) {
  const Measurement m = probe_of([&](Connection& connection) {
    TlsSession session(connection.socket(), good());
    if (!session.accept()) return;
    session.read_request();
    for (const char* piece :
         {"HTT", "P/1.1 200 O", "K\r\nContent-Le", "ngth: 2\r\n\r\n", "o", "k"}) {
      connection.pause(kDelay);
      session.send(piece);
    }
    session.wait_for_end();
  });
  ASSERT_FALSE(m.failure) << m.failure->message;
  EXPECT_EQ(m.status, 200);
  for (const Phase phase : {Phase::kWait, Phase::kTransfer}) {
    EXPECT_EQ(m.timings.span(phase)->clock, Span::Clock::kKernel) << to_string(phase);
  }
  EXPECT_GE(m.timings.duration(Phase::kWait), kDelay);
  EXPECT_LT(m.timings.duration(Phase::kWait), 2 * kDelay);
  EXPECT_GE(m.timings.duration(Phase::kTransfer), 5 * kDelay - kDelay / 2);
  EXPECT_LT(m.timings.duration(Phase::kTransfer), 6 * kDelay + kDelay / 2);
}

// ---------------------------------------------------------------------------------------- HTTP/2

using namespace std::string_view_literals;
constexpr auto kSettings = "\0\0\0\x04\0\0\0\0\0"sv;
constexpr auto kHead = "\0\0\x01\x01\x04\0\0\0\x01\x88"sv;  // ":status: 200", more to come

class Http2 : public TlsExchange {
 protected:
  using Answer = std::function<void(TlsSession&)>;

  // Once the request is there, and HTTP/2 agreed on.
  Measurement answered_by(const Answer& answer) {
    return probe_of([&](Connection& connection) {
      TlsSession session(connection.socket(), good(), [](SSL_CTX* context) {
        SSL_CTX_set_alpn_select_cb(
            context,
            +[](SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char*,
                unsigned int, void*) {
              static constexpr std::array<unsigned char, 2> kH2{'h', '2'};
              *chosen = kH2.data();
              *size = kH2.size();
              return SSL_TLSEXT_ERR_OK;
            },
            nullptr);
      });
      if (!session.accept()) return;
      session.receive();
      session.send(kSettings);
      connection.pause(milliseconds{20});  // the request is there, whatever came with the preface
      answer(session);
    });
  }
  Measurement answered(std::string_view frames) {
    return answered_by([&](TlsSession& session) {
      session.send(frames);
      session.wait_for_end();
    });
  }
};

TEST_F(Http2, FailsForAStreamThatIsResetBeforeAnAnswer) {
  const Measurement m = answered("\0\0\x04\x03\0\0\0\0\x01\0\0\0\x02"sv);
  expect_failure(m, Phase::kWait, Origin::kTarget, Cause::kReset);
  EXPECT_EQ(m.failure->message, "the server reset the HTTP/2 stream: INTERNAL_ERROR");
}

TEST_F(Http2, FailsForAStreamThatIsResetWithinItsAnswer) {
  const Measurement m = answered_by([&](TlsSession& session) {
    session.send(kHead);
    wait_for_step("test", Phase::kTransfer);
    session.send("\0\0\x04\x03\0\0\0\0\x01\0\0\0\x02"sv);
    session.wait_for_end();
  });
  expect_failure(m, Phase::kTransfer, Origin::kTarget, Cause::kReset);
  EXPECT_EQ(m.status, 200);
}

TEST_F(Http2, FailsForAServerThatGoesAway) {
  const Measurement m = answered_by([](TlsSession& session) {
    session.send("\0\0\x08\x07\0\0\0\0\0\0\0\0\x01\0\0\0\x02"sv);
    session.close();
  });
  expect_failure(m, Phase::kWait, Origin::kTarget, Cause::kClosed);
}

TEST_F(Http2, FailsForAStreamThatIsAlwaysRefused) {
  const Measurement m = answered("\0\0\x04\x03\0\0\0\0\x01\0\0\0\x07"sv);
  expect_failure(m, Phase::kWait, Origin::kTarget, Cause::kReset);
}

TEST_F(Http2, FailsForFramesThatAreNone) {
  const Measurement m = answered("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"sv);
  expect_failure(m, Phase::kWait, Origin::kTarget, Cause::kProtocol);
}

TEST_F(Http2, FailsForAHeadThatIsNone) {
  const Measurement m = answered("\0\0\x03\x01\x04\0\0\0\x01\xff\xff\xff"sv);
  expect_failure(m, Phase::kWait, Origin::kTarget, Cause::kProtocol);
}

}  // namespace
}  // namespace firstbyte::agent
