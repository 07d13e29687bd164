// The real prober against servers whose TLS is not as it should be.
#include <openssl/pem.h>

#include <cstdio>

#include "tests/fakes/tls_session.h"
#include "tests/integration/prober_fixture.h"

namespace firstbyte::agent {
namespace {

using Connection = fakes::ScriptedServer::Connection;
using fakes::ScriptedServer;
using fakes::TlsSession;

constexpr std::chrono::milliseconds kHandshakeTime{250};

template <typename T, typename Read>
std::unique_ptr<T, void (*)(T*)> read_pem(const std::string& path, Read read, void (*release)(T*)) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "r"),
                                                             std::fclose);
  return {read(file.get(), nullptr, nullptr, nullptr), release};
}

// A server on the address that its certificate is for.
class TlsServer : public ProberFixture {
 protected:
  TlsServer() {
    authority_.issue("good", 30);
    trust(authority_.ca_file());
  }

  std::string good() const { return folder_ / "good"; }

  // What becomes of a probe of a server that does this.
  Measurement probe_of(const ScriptedServer::Script& script, Millis timeout = kPlenty) {
    const ScriptedServer server(script);
    return probe(fmt::format("https://127.0.0.1:{}/", server.port()), timeout);
  }
  Measurement probe_of_certificate(const std::string& certificate) {
    return probe_of([&](Connection& connection) {
      TlsSession session(connection.socket(), certificate);
      if (session.accept()) session.wait_for_end();
    });
  }

  // The good certificate, changed, and signed by the owner of this key.
  std::string forge(const std::string& signer, const std::function<void(X509*)>& change) const {
    const auto certificate = read_pem<X509>(good() + ".crt", PEM_read_X509, X509_free);
    const auto key =
        read_pem<EVP_PKEY>(folder_ / (signer + ".key"), PEM_read_PrivateKey, EVP_PKEY_free);
    change(certificate.get());
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
    PEM_write_bio_X509(out.get(), certificate.get());
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    folder_.write("forged.crt", std::string(text, static_cast<std::size_t>(size)));
    std::filesystem::copy_file(good() + ".key", folder_ / "forged.key");
    return folder_ / "forged";
  }

  static void expect_alert(const Measurement& measurement, Phase phase, std::uint8_t alert,
                           std::string_view name) {
    expect_failure(measurement, phase, Origin::kTarget, Cause::kAlert);
    EXPECT_EQ(measurement.failure->tls_alert, alert);
    EXPECT_EQ(measurement.failure->message,
              fmt::format("the server ended TLS with the alert \"{}\" ({})", name, alert));
  }

  const fakes::TempDir folder_;
  const fakes::CertificateAuthority authority_{folder_};
};

// ------------------------------------------------------------------------------- certificates

TEST_F(TlsServer, FailsForACertificateOfAnUnknownIssuer) {
  const fakes::TempDir elsewhere;
  const fakes::CertificateAuthority stranger(elsewhere);
  stranger.issue("good", 30);
  const Measurement m = probe_of_certificate(elsewhere / "good");
  expect_failure(m, Phase::kTls, Origin::kTarget, Cause::kUnknownIssuer);
  EXPECT_EQ(phases_of(m), "connect tls");
  EXPECT_TRUE(m.tls);
}

TEST_F(TlsServer, FailsForACertificateThatIsNotValidYet) {
  const std::string early = forge("ca", [](X509* certificate) {
    X509_gmtime_adj(X509_getm_notBefore(certificate), 24 * 3600);
  });
  const Measurement m = probe_of_certificate(early);
  expect_failure(m, Phase::kTls, Origin::kTarget, Cause::kNotYetValid);
  EXPECT_EQ(m.failure->message, "the certificate is not valid yet");
}

TEST_F(TlsServer, FailsForACertificateWithAWrongSignature) {
  const Measurement m = probe_of_certificate(forge("good", [](X509*) {}));
  expect_failure(m, Phase::kTls, Origin::kTarget, Cause::kBadCertificate);
  EXPECT_EQ(m.failure->message, "the certificate is bad: certificate signature failure");
}

// ------------------------------------------------------------------------------------- alerts

class TlsAlert : public TlsServer,
                 public testing::WithParamInterface<std::pair<std::uint8_t, const char*>> {};

INSTANTIATE_TEST_SUITE_P(Of, TlsAlert,
                         testing::Values(std::pair{std::uint8_t{40}, "handshake failure"},
                                         std::pair{std::uint8_t{70}, "protocol version"},
                                         std::pair{std::uint8_t{80}, "internal error"},
                                         std::pair{std::uint8_t{112}, "unrecognized name"}));

TEST_P(TlsAlert, EndsTheHandshakeAndIsTold) {
  const auto [number, name] = GetParam();
  const Measurement m = probe_of([alert = number](Connection& connection) {
    connection.socket().receive();
    connection.pause(std::chrono::milliseconds{30});
    connection.send(std::string{"\x15\x03\x03\x00\x02\x02", 6} + static_cast<char>(alert));
    connection.wait_for_end();
  });
  expect_alert(m, Phase::kTls, number, name);
  EXPECT_EQ(phases_of(m), "connect tls");
  EXPECT_GE(m.timings.duration(Phase::kTls), std::chrono::milliseconds{30});
}

// The client's part of a handshake of TLS 1.3 is over before the server has seen it.
TEST_F(TlsServer, FailsForTheAlertOfAServerThatWantsACertificate) {
  const Measurement m = probe_of([&](Connection& connection) {
    TlsSession session(connection.socket(), good(), [](SSL_CTX* context) {
      SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    });
    session.accept();
    connection.wait_for_end();
  });
  expect_alert(m, Phase::kWait, 116, "certificate required");
}

TEST_F(TlsServer, FailsForTheAlertOfAServerThatWantsACertificateInTls12) {
  const Measurement m = probe_of([&](Connection& connection) {
    TlsSession session(connection.socket(), good(), [](SSL_CTX* context) {
      SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
      SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
    });
    session.accept();
    connection.wait_for_end();
  });
  expect_alert(m, Phase::kTls, 40, "handshake failure");
}

TEST_F(TlsServer, MindsNoWarningInTheHandshake) {
  const Measurement m = probe_of([&](Connection& connection) {
    TlsSession session(connection.socket(), good(), [](SSL_CTX* context) {
      SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
      SSL_CTX_set_tlsext_servername_callback(
          context, +[](SSL*, int* alert, void*) {
            *alert = SSL_AD_UNRECOGNIZED_NAME;
            return SSL_TLSEXT_ERR_ALERT_WARNING;
          });
    });
    if (!session.accept()) return;
    session.read_request();
    session.send(fakes::http_answer("200 OK", "", "ok"));
    session.wait_for_end();
  });
  EXPECT_FALSE(m.failure) << m.failure->message;
}

// -------------------------------------------------------------------------- broken handshakes

TEST_F(TlsServer, FailsWhenNoVersionIsCommon) {
  const Measurement m = probe_of([](Connection& connection) {
    connection.socket().receive();
    // A ServerHello of SSL 3.0 with its session id empty, AES-128 and no compression.
    connection.send(std::string{"\x16\x03\x00\x00\x2a\x02\x00\x00\x26\x03\x00", 11} +
                    std::string(32, 'r') + std::string{"\x00\x00\x2f\x00", 4});
    connection.wait_for_end();
  });
  expect_failure(m, Phase::kTls, Origin::kTarget, Cause::kHandshake);
  EXPECT_EQ(m.failure->message, "the TLS handshake failed: unsupported protocol");
}

TEST_F(TlsServer, FailsWhenTheServerClosesAfterTheClientHello) {
  const Measurement m = probe_of([](Connection& connection) { connection.socket().receive(); });
  expect_failure(m, Phase::kTls, Origin::kTarget, Cause::kClosed);
  EXPECT_EQ(m.failure->message, "the server closed the connection within the TLS handshake");
}

TEST_F(TlsServer, FailsWhenTheServerResetsAfterTheClientHello) {
  const Measurement m = probe_of([](Connection& connection) {
    connection.socket().receive();
    connection.reset();
  });
  expect_failure(m, Phase::kTls, Origin::kTarget, Cause::kReset);
}

// Passes the server's first bytes on, up to a bound, and what then comes of them by `act`.
class HalfAHandshake : public TlsServer {
 protected:
  Measurement probe_with(std::size_t bytes, const ScriptedServer::Script& then,
                         Millis timeout = kPlenty) {
    const ScriptedServer whole([&](Connection& connection) {
      TlsSession session(connection.socket(), good());
      session.accept();
    });
    return probe_of(
        [&](Connection& connection) {
          const fakes::Socket server = fakes::Socket::connected(whole.port());
          server.send(connection.socket().receive());
          std::string flight;
          while (flight.size() < bytes) flight += server.receive();
          connection.send(flight.substr(0, bytes));
          then(connection);
        },
        timeout);
  }
};

TEST_F(HalfAHandshake, EndsByTheDeadlineWhenItStops) {
  const Measurement m =
      probe_with(300, [](Connection& connection) { connection.wait_for_end(); }, kHandshakeTime);
  expect_failure(m, Phase::kTls, Origin::kTarget, Cause::kTimeout);
  EXPECT_GE(m.timings.total(), kHandshakeTime);
  EXPECT_GE(m.timings.duration(Phase::kTls), kHandshakeTime / 2);
}

TEST_F(HalfAHandshake, FailsWhenItIsClosed) {
  const Measurement m = probe_with(300, [](Connection&) {});
  expect_failure(m, Phase::kTls, Origin::kTarget, Cause::kClosed);
}

TEST_F(HalfAHandshake, FailsWhenItIsReset) {
  const Measurement m = probe_with(300, [](Connection& connection) { connection.reset(); });
  expect_failure(m, Phase::kTls, Origin::kTarget, Cause::kReset);
}

TEST_F(HalfAHandshake, EndsByTheDeadlineWhenItDrips) {
  const Measurement m = probe_with(
      300,
      [](Connection& connection) {
        while (connection.pause(std::chrono::milliseconds{20}) && connection.send("x")) {
        }
      },
      kHandshakeTime);
  expect_failure(m, Phase::kTls, Origin::kTarget, Cause::kTimeout);
  EXPECT_GE(m.timings.total(), kHandshakeTime);
}

// ------------------------------------------------------------------------- after the handshake

TEST_F(TlsServer, FailsWhenItClosesWithoutAnAnswer) {
  const Measurement m = probe_of([&](Connection& connection) {
    TlsSession session(connection.socket(), good());
    if (session.accept()) session.read_request();
  });
  expect_failure(m, Phase::kWait, Origin::kTarget, Cause::kClosed);
}

TEST_F(TlsServer, FailsWhenItClosesWithinItsAnswer) {
  const Measurement m = probe_of([&](Connection& connection) {
    TlsSession session(connection.socket(), good());
    if (!session.accept()) return;
    session.read_request();
    session.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nten bytes.");
  });
  expect_failure(m, Phase::kTransfer, Origin::kTarget, Cause::kClosed);
}

TEST_F(TlsServer, FailsWhenItResetsInsteadOfAnAnswer) {
  const Measurement m = probe_of([&](Connection& connection) {
    TlsSession session(connection.socket(), good());
    if (!session.accept()) return;
    session.read_request();
    connection.reset();
  });
  expect_failure(m, Phase::kWait, Origin::kTarget, Cause::kReset);
}

TEST_F(TlsServer, FailsForRecordsThatAreNone) {
  const Measurement m = probe_of([&](Connection& connection) {
    TlsSession session(connection.socket(), good());
    if (!session.accept()) return;
    session.read_request();
    connection.send("HTTP/1.1 200 OK\r\n\r\n");
    connection.wait_for_end();
  });
  expect_failure(m, Phase::kWait, Origin::kTarget, Cause::kProtocol);
}

}  // namespace
}  // namespace firstbyte::agent
