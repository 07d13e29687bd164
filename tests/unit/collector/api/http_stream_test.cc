// How HttpServer carries server-sent events.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <deque>
#include <future>
#include <thread>

#include "collector/api/event_log.h"
#include "collector/api/http_server.h"
#include "collector/api/http_wire.h"
#include "tests/unit/collector/api/raw_http_client.h"

namespace firstbyte::collector {
namespace {

using std::chrono::steady_clock;

// Has nothing to say; tells when it dies and hands its wake to the test.
class SilentSource : public EventSource {
 public:
  struct Watch {
    std::promise<std::function<void()>> wake;
    std::promise<void> destroyed;
  };
  explicit SilentSource(Watch& watch) : watch_(watch) {}
  ~SilentSource() override { watch_.destroyed.set_value(); }
  Frames take() override { return {}; }
  void on_ready(std::function<void()> wake) override { watch_.wake.set_value(std::move(wake)); }

 private:
  Watch& watch_;
};

std::string frame(std::uint64_t n, std::string_view data) {
  return fmt::format("id: e-{}\nevent: city\ndata: {}\n\n", n, data);
}

bool within_patience(std::promise<void>& promise) {
  return promise.get_future().wait_for(kPatience) == std::future_status::ready;
}

// "/events" streams `log_`, "/silent" a SilentSource under `watch_`.
class HttpStreamTest : public testing::Test {
 protected:
  HttpStreamTest() {
    router_->add("GET", "/events", [this](const HttpRequest&) { return log_->view({}, 0); });
    router_->add("GET", "/silent",
                 [this](const HttpRequest&) { return std::make_unique<SilentSource>(watch_); });
    options_.address = "127.0.0.1";
  }

  void start() {
    auto server = HttpServer::start(options_, router_);
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
  }

  RawHttpClient connect() const { return RawHttpClient(server_->port()); }

  std::shared_ptr<EventLog> log_ = std::make_shared<EventLog>("e");
  SilentSource::Watch watch_;
  HttpServerOptions options_;
  std::shared_ptr<Router> router_ = std::make_shared<Router>();
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpStreamTest, TellsThatAStreamFollows) {
  start();
  RawHttpClient client = connect();
  client.get("/events");
  const auto response = client.read_head();
  EXPECT_EQ(response.status(), 200);
  EXPECT_TRUE(response.has("Content-Type: text/event-stream"));
  EXPECT_TRUE(response.has("Cache-Control: no-store"));
  EXPECT_TRUE(response.has("X-Accel-Buffering: no"));
  EXPECT_TRUE(response.has("Transfer-Encoding: chunked"));
}

TEST_F(HttpStreamTest, SendsEachFrameAsItIsAppended) {
  start();
  RawHttpClient client = connect();
  client.get("/events");
  client.read_head();
  for (std::uint64_t n = 1; n <= 5; ++n) {
    log_->append("city", "{}");
    EXPECT_EQ(client.read_chunk(), frame(n, "{}"));
  }
}

TEST_F(HttpStreamTest, SendsAllThatWaitsInOneChunkAndInOrder) {
  for (int n = 1; n <= 30; ++n) log_->append("city", std::to_string(n));
  start();
  RawHttpClient client = connect();
  client.get("/events");
  client.read_head();
  std::string all;
  for (std::uint64_t n = 1; n <= 30; ++n) all += frame(n, std::to_string(n));
  EXPECT_EQ(client.read_chunk(), all);
}

TEST_F(HttpStreamTest, EndsAfterTheLastFrame) {
  log_->append("city", "{}");
  log_->end();
  start();
  RawHttpClient client = connect();
  client.get("/events");
  client.read_head();
  EXPECT_EQ(client.read_chunk(), frame(1, "{}"));
  EXPECT_EQ(client.read_through("\r\n\r\n"), kLastChunk);
  EXPECT_TRUE(client.ends());
}

TEST_F(HttpStreamTest, StreamsUntilItClosesToAnHttp10Client) {
  start();
  RawHttpClient client = connect();
  client.send("GET /events HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.read_head().head.find("Transfer-Encoding"), std::string::npos);
  log_->append("city", "{}");
  EXPECT_EQ(client.read_through("\n\n"), frame(1, "{}"));
  log_->end();
  EXPECT_TRUE(client.ends());
}

TEST_F(HttpStreamTest, AnswersHeadWithoutAStream) {
  start();
  RawHttpClient client = connect();
  client.send("HEAD /silent HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(client.read_head().has("Content-Type: text/event-stream"));
  EXPECT_TRUE(client.ends());
  EXPECT_TRUE(within_patience(watch_.destroyed));
}

TEST_F(HttpStreamTest, SaysNowAndThenThatAQuietStreamIsAlive) {
  options_.heartbeat = std::chrono::seconds(1);
  start();
  RawHttpClient client = connect();
  client.get("/events");
  client.read_head();
  EXPECT_EQ(client.read_chunk(), ": keep-alive\n\n");
}

TEST_F(HttpStreamTest, FreesTheSourceWhenTheClientGoesAway) {
  start();
  RawHttpClient client = connect();
  client.get("/silent");
  client.read_head();
  client.close();
  EXPECT_TRUE(within_patience(watch_.destroyed));
}

TEST_F(HttpStreamTest, FreesTheSourceOfAClientThatDoesNotRead) {
  options_.idle_timeout = std::chrono::seconds(1);
  std::promise<void> destroyed;
  class Flood : public EventSource {
   public:
    explicit Flood(std::promise<void>& destroyed) : destroyed_(destroyed) {}
    ~Flood() override { destroyed_.set_value(); }
    Frames take() override {
      wake_();
      return {.frames = {megabyte_}, .ended = false};
    }
    void on_ready(std::function<void()> wake) override { wake_ = std::move(wake); }

   private:
    std::promise<void>& destroyed_;
    std::function<void()> wake_;
    std::shared_ptr<const std::string> megabyte_ =
        std::make_shared<const std::string>(1'000'000, 'x');
  };
  router_->add("GET", "/flood",
               [&](const HttpRequest&) { return std::make_unique<Flood>(destroyed); });
  start();
  RawHttpClient client = connect();
  client.get("/flood");
  EXPECT_TRUE(within_patience(destroyed));
}

TEST_F(HttpStreamTest, IgnoresAWakeThatComesAfterTheStream) {
  start();
  RawHttpClient client = connect();
  client.get("/silent");
  const std::function<void()> wake = watch_.wake.get_future().get();
  client.close();
  EXPECT_TRUE(within_patience(watch_.destroyed));
  wake();
  server_.reset();
  wake();
}

TEST_F(HttpStreamTest, GivesEveryFrameToEachOf500Viewers) {
  constexpr int kViewers = 500;
  constexpr int kFrames = 50;
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  start();
  std::deque<RawHttpClient> viewers;
  for (int i = 0; i < kViewers; ++i) {
    viewers.emplace_back(server_->port());
    viewers.back().send("GET /events HTTP/1.0\r\n\r\n");
  }
  for (RawHttpClient& viewer : viewers) EXPECT_EQ(viewer.read_head().status(), 200);
  std::string all;
  for (int n = 1; n <= kFrames; ++n) {
    log_->append("city", "{}");
    all += frame(static_cast<std::uint64_t>(n), "{}");
  }
  log_->end();
  int complete = 0;
  for (RawHttpClient& viewer : viewers) {
    if (viewer.read_to_end() == all) ++complete;
  }
  EXPECT_EQ(complete, kViewers);
}

TEST_F(HttpStreamTest, StopsAtOnceWhileStreamsAreOpen) {
  start();
  RawHttpClient client = connect();
  client.get("/silent");
  client.read_head();
  const auto begin = steady_clock::now();
  server_->stop();
  EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(1));
  EXPECT_EQ(client.read_through("\r\n\r\n"), kLastChunk);
  EXPECT_TRUE(within_patience(watch_.destroyed));
}

TEST_F(HttpStreamTest, StopsWhileEventsKeepComing) {
  start();
  std::deque<RawHttpClient> viewers;
  for (int i = 0; i < 20; ++i) {
    viewers.emplace_back(server_->port());
    viewers.back().get("/events");
    viewers.back().read_head();
  }
  std::jthread writer([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) log_->append("city", "{}", "new-york");
  });
  const auto begin = steady_clock::now();
  server_->stop();
  EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(3));
}

}  // namespace
}  // namespace firstbyte::collector
