#include <gmock/gmock.h>
#include <openssl/ssl.h>

#include <thread>

#include "collector/api/http_server.h"
#include "tests/fakes/nginx_server.h"
#include "tests/unit/collector/api/raw_http_client.h"
#include "tests/unit/collector/api/tls_http_client.h"

namespace firstbyte::collector {
namespace {

using std::chrono::steady_clock;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

// Three frames, and the end.
class ThreeFrames final : public EventSource {
 public:
  Frames take() override {
    Frames frames;
    for (const char* frame : {"data: 1\n\n", "data: 2\n\n", "data: 3\n\n"}) {
      frames.frames.push_back(std::make_shared<const std::string>(frame));
    }
    frames.ended = true;
    return frames;
  }
  void on_ready(std::function<void()> wake) override { wake(); }
};

class HttpsServerTest : public testing::Test {
 protected:
  HttpsServerTest() {
    authority_.issue("a", 30);
    options_.address = "127.0.0.1";
    options_.certificate = CertificateFiles{folder_ / "a.crt", folder_ / "a.key"};
    const auto text = [](std::string body) {
      HttpResponse response;
      response.content_type = "text/plain";
      response.body = std::move(body);
      return response;
    };
    router_->add("GET", "/secure", [text](const HttpRequest& request) {
      return text(request.secure ? "secure" : "plain");
    });
    router_->add("GET", "/large",
                 [text](const HttpRequest&) { return text(std::string(5'000'000, 'x')); });
    router_->add("GET", "/events",
                 [](const HttpRequest&) -> HttpReply { return std::make_unique<ThreeFrames>(); });
  }

  void start() {
    auto server = HttpServer::start(options_, router_);
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
  }
  TlsClient connect(const TlsClient::Setup& setup = {}) const {
    return {server_->port(), authority_.ca_file(), setup};
  }
  std::string ask(std::string_view request) const {
    TlsClient client = connect();
    client.send(request);
    return client.read_to_end();
  }

  const fakes::TempDir folder_;
  const fakes::CertificateAuthority authority_{folder_};
  HttpServerOptions options_;
  std::shared_ptr<Router> router_ = std::make_shared<Router>();
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpsServerTest, AnswersRequestAfterRequestOnOneConnection) {
  start();
  TlsClient client = connect();
  ASSERT_TRUE(client.connected());
  for (int i = 0; i < 3; ++i) {
    client.get("/secure");
    EXPECT_THAT(client.read_through("secure"), HasSubstr("200 OK"));
  }
}

// Regression: what a record holds is read from the socket at once, so nothing more comes there for
// the second request.
TEST_F(HttpsServerTest, AnswersRequestsThatCameInOneRecord) {
  start();
  TlsClient client = connect();
  const std::string one = "GET /secure HTTP/1.1\r\nHost: localhost\r\n\r\n";
  client.send(one + one);
  client.read_through("\r\n\r\nsecure");
  EXPECT_THAT(client.read_through("\r\n\r\nsecure"), StartsWith("HTTP/1.1 200 OK"));
}

TEST_F(HttpsServerTest, TakesARequestByteByByte) {
  start();
  TlsClient client = connect();
  for (const char c : std::string_view("GET /secure HTTP/1.1\r\nHost: localhost\r\n\r\n")) {
    client.send({&c, 1});
  }
  EXPECT_THAT(client.read_through("secure"), StartsWith("HTTP/1.1 200 OK"));
}

TEST_F(HttpsServerTest, SendsALargeAnswerWhole) {
  start();
  const std::string answer =
      ask("GET /large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, EndsWith("\r\n\r\n" + std::string(5'000'000, 'x')));
}

TEST_F(HttpsServerTest, SaysThatAnAnswerEnds) {
  start();
  TlsClient client = connect();
  client.send("GET /secure HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.read_to_end(), EndsWith("secure"));
  EXPECT_TRUE(client.ended_properly());
}

TEST_F(HttpsServerTest, StreamsEvents) {
  start();
  TlsClient client = connect();
  client.get("/events");
  const std::string answer = client.read_to_end();
  EXPECT_THAT(answer, HasSubstr("data: 1\n\ndata: 2\n\ndata: 3\n\n"));
  EXPECT_THAT(answer, EndsWith("0\r\n\r\n"));
}

TEST_F(HttpsServerTest, KeepsToTheSameLimits) {
  options_.idle_timeout = std::chrono::seconds(1);
  start();
  EXPECT_THAT(ask("POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 65537\r\n\r\n"),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(ask("GET /a HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(17'000, 'x')),
              StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(ask("GET /a HTTP/1.1\r\nHos"), StartsWith("HTTP/1.1 408 "));
  EXPECT_EQ(ask(""), "");
}

// ---- the handshake

TEST_F(HttpsServerTest, SpeaksTls12AndNothingOlder) {
  start();
  const auto at_most = [](int version) {
    return [version](SSL_CTX* context) {
      SSL_CTX_set_security_level(context, 0);
      SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
      SSL_CTX_set_max_proto_version(context, version);
    };
  };
  EXPECT_TRUE(connect().connected());
  EXPECT_TRUE(connect(at_most(TLS1_2_VERSION)).connected());
  EXPECT_FALSE(connect(at_most(TLS1_1_VERSION)).connected());
  EXPECT_FALSE(connect(at_most(TLS1_VERSION)).connected());
}

TEST_F(HttpsServerTest, ChoosesHttp11OfWhatIsOffered) {
  start();
  const TlsClient client = connect([](SSL_CTX* context) {
    constexpr std::string_view kOffered = "\x02h2\x08http/1.1";
    SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(kOffered.data()),
                            kOffered.size());
  });
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(client.ssl(), &chosen, &size);
  EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(chosen), size), "http/1.1");
}

TEST_F(HttpsServerTest, TellsAClientWithoutTlsWhatToWrite) {
  start();
  RawHttpClient client(server_->port());
  client.get("/secure");
  const auto response = client.read_response();
  EXPECT_EQ(response.status(), 400);
  EXPECT_THAT(response.body,
              HasSubstr("the request came without TLS; write https:// instead of http://"));
  EXPECT_TRUE(client.ends());
}

TEST_F(HttpsServerTest, EndsWhatIsNeitherTlsNorHttp) {
  start();
  RawHttpClient client(server_->port());
  client.send("\x01\x02\x03 hello");
  EXPECT_NE(client.read_to_end().substr(0, 4), "HTTP");
  EXPECT_TRUE(client.ends());
}

TEST_F(HttpsServerTest, EndsAHandshakeThatDoesNotGoOn) {
  options_.handshake_timeout = std::chrono::seconds(1);
  start();
  RawHttpClient silent(server_->port());
  RawHttpClient half(server_->port());
  half.send(std::string_view("\x16\x03\x01\x02\x00\x01\x00", 7));  // the beginning of a ClientHello
  const auto begin = steady_clock::now();
  EXPECT_TRUE(silent.ends());
  EXPECT_TRUE(half.ends());
  EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST_F(HttpsServerTest, ServesOthersWhileHandshakesWait) {
  start();
  std::vector<std::unique_ptr<RawHttpClient>> waiting;
  for (int i = 0; i < 50; ++i) {
    waiting.push_back(std::make_unique<RawHttpClient>(server_->port()));
    waiting.back()->send(std::string_view("\x16\x03\x01", 3));
  }
  EXPECT_THAT(ask("GET /secure HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
              EndsWith("secure"));
}

TEST_F(HttpsServerTest, StopsAtOnceWhileAHandshakeWaits) {
  start();
  RawHttpClient half(server_->port());
  half.send(std::string_view("\x16\x03\x01", 3));
  TlsClient idle = connect();
  const auto begin = steady_clock::now();
  server_->stop();
  EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(1));
  EXPECT_TRUE(half.ends());
}

// ---- the certificate

TEST_F(HttpsServerTest, SaysWhichCertificateItCannotUse) {
  options_.certificate->certificate = folder_ / "gone.crt";
  const auto server = HttpServer::start(options_, router_);
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().field, "--http-certificate");
  EXPECT_THAT(server.error().message, HasSubstr("gone.crt: No such file or directory"));
}

TEST_F(HttpsServerTest, ShowsARenewedCertificateToNewConnections) {
  start();
  TlsClient before = connect();
  ASSERT_TRUE(before.connected());
  authority_.issue("b", 30);
  std::filesystem::rename(folder_ / "b.key", folder_ / "a.key");
  std::filesystem::rename(folder_ / "b.crt", folder_ / "a.crt");
  // Its name is another, by which one sees it.
  const auto deadline = steady_clock::now() + kPatience;
  while (connect().connected() && steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_FALSE(connect().connected());
  before.get("/secure");
  EXPECT_THAT(before.read_through("secure"), HasSubstr("200 OK"));
}

}  // namespace
}  // namespace firstbyte::collector
