// The agent's stream and the collector's ingest against each other, over TCP, with the real store.

#pragma once

#include <gmock/gmock.h>

#include <future>

#include "agent/stream/collector_stream.h"
#include "collector/dispatch/dispatcher.h"
#include "collector/ingest/agent_gateway.h"
#include "collector/store/sqlite_store.h"
#include "tests/fakes/collector_recorder.h"
#include "tests/fakes/collector_wait.h"
#include "tests/fakes/fake_agent.h"
#include "tests/fakes/fake_agent_stream.h"
#include "tests/fakes/fake_store.h"
#include "tests/fakes/manual_clock.h"
#include "tests/fakes/temp_dir.h"

namespace firstbyte::stream_test {

using collector::AgentGateway;
using collector::AgentRegistry;
using collector::Dispatcher;
using collector::SqliteStore;
using collector::Store;
using fakes::agent_in;
using fakes::eventually;
using fakes::FakeAgentStream;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using namespace std::chrono_literals;

inline Measurement measured(const std::string& test_id) {
  Measurement measurement;
  measurement.test_id = test_id;
  measurement.url = "https://a.example/";
  measurement.measured_at = WallTime{Micros{1'790'000'000'000'000}};
  measurement.timings = Timings::make({}, Micros{5'000}).value();
  measurement.status = 200;
  return measurement;
}

// Measurements here are of one day long ago, which is no reason to give them up.
inline agent::SqliteSpool::Options spool_in(std::string file = {},
                                            std::uint64_t max_bytes = 64 << 20) {
  return {.file = std::move(file), .bounds = {max_bytes, 24h * 3650}};
}

// The agent's half: a spool, the stream, and what came down it.
class Agent {
 public:
  explicit Agent(int port, const std::string& city = "tokyo",
                 const agent::SqliteSpool::Options& spool = spool_in())
      : Agent(port, agent_in(city), spool) {}

  using Credentials = std::function<std::shared_ptr<grpc::ChannelCredentials>()>;
  Agent(int port, const AgentIdentity& identity,
        const agent::SqliteSpool::Options& spool = spool_in(), Credentials credentials = {})
      : spool_(agent::SqliteSpool::open(spool, system_clock()).value()),
        stream_({.collector = fmt::format("127.0.0.1:{}", port),
                 .identity = identity,
                 .version = "0.1.0",
                 .capabilities = {"http/1.1", "http/2"},
                 .credentials = std::move(credentials),
                 .first_retry = 10ms,
                 .longest_retry = 1s,
                 .status_interval = 200ms},
                {.on_order =
                     [this](const ProbeOrder& order) {
                       if (answers_) measure(order.test_id);
                       MutexLock lock(mutex_);
                       orders_.push_back(order);
                     },
                 .on_cancel =
                     [this](const std::string& test_id) {
                       MutexLock lock(mutex_);
                       cancels_.push_back(test_id);
                     },
                 .on_connected = [this] { ++connections_; },
                 .on_refused =
                     [this](const Error& error) {
                       MutexLock lock(mutex_);
                       refusal_ = error;
                     }},
                *spool_, system_clock()) {}

  // With all that it measured before in its spool.
  void start() {
    ASSERT_TRUE(spool_->flush(10s));
    stream_.start();
  }
  void stop(std::chrono::milliseconds patience = 5s) { stream_.stop(patience); }
  // Each order is answered at once with a result.
  void answer_orders() { answers_ = true; }

  void measure(const std::string& test_id) { deliver(measured(test_id)); }
  void deliver(const Measurement& measurement) { spool_->append(measurement); }
  void enter(const std::string& test_id, Phase phase) {
    stream_.report_progress(test_id, phase, Micros{100});
  }

  std::size_t spooled() const { return spool_->status().results; }
  agent::SqliteSpool& spool() { return *spool_; }
  int connections() const { return connections_; }
  std::vector<ProbeOrder> orders() const {
    MutexLock lock(mutex_);
    return orders_;
  }
  std::vector<std::string> cancels() const {
    MutexLock lock(mutex_);
    return cancels_;
  }
  std::optional<Error> refusal() const {
    MutexLock lock(mutex_);
    return refusal_;
  }

 private:
  std::unique_ptr<agent::SqliteSpool> spool_;
  std::atomic<bool> answers_{false};
  std::atomic<int> connections_{0};
  mutable Mutex mutex_;
  std::vector<ProbeOrder> orders_;
  std::vector<std::string> cancels_;
  std::optional<Error> refusal_;
  agent::CollectorStream stream_;  // last, so that it ends first
};

// The collector's half, on any store and any clock.
class Collector {
 public:
  Collector(Store& store, const Clock& clock, AgentGateway::Options options = {})
      : store_(store),
        clock_(clock),
        options_(std::move(options)),
        dispatcher_(store, agents_, seen_, clock) {
    if (options_.address.empty()) options_.address = "127.0.0.1:0";
    listen();
  }
  ~Collector() { stop(); }

  // As the process does when it ends; the store's last callbacks may still come.
  void stop() {
    dispatcher_.stop();
    if (gateway_) gateway_->stop();
  }
  void stop_gateway() { gateway_ = nullptr; }
  // On the same port as before, if there was one.
  void listen() {
    auto gateway = AgentGateway::start(options_, store_, agents_, dispatcher_, clock_);
    ASSERT_TRUE(gateway) << gateway.error().message;
    gateway_ = std::move(*gateway);
    options_.address = fmt::format("127.0.0.1:{}", gateway_->port());
  }

  int port() const { return gateway_->port(); }
  std::string address() const { return options_.address; }
  AgentRegistry& agents() { return agents_; }
  Dispatcher& dispatcher() { return dispatcher_; }
  fakes::TestRecorder& seen() { return seen_; }
  const collector::IngestStats& stats() const { return gateway_->stats(); }
  bool knows(const std::string& agent) { return agents_.find(agent).has_value(); }

  collector::Test start_test(std::vector<std::string> agents = {}) {
    const auto test = dispatcher_.start({{.url = "https://a.example/"}, std::move(agents)});
    EXPECT_TRUE(test) << test.error().message;
    return test.value_or(collector::Test{});
  }

 private:
  Store& store_;
  const Clock& clock_;
  AgentGateway::Options options_;
  AgentRegistry agents_;
  fakes::TestRecorder seen_;
  Dispatcher dispatcher_;
  std::unique_ptr<AgentGateway> gateway_;
};

// With the real store.
class StreamTest : public testing::Test {
 protected:
  ~StreamTest() override {
    collector_.stop();
    store_ = nullptr;  // its last callbacks still find the collector
  }

  std::int64_t count(const char* sql) {
    return Database::open(folder_ / "firstbyte.db", Database::Access::kReadOnly)
        .value()
        .number(sql)
        .value();
  }
  void connect(Agent& agent, const std::string& city = "tokyo") {
    agent.start();
    ASSERT_TRUE(eventually([&] { return agent.connections() == 1; })) << city;
    ASSERT_TRUE(collector_.knows(city));
  }

  fakes::TempDir folder_;
  std::unique_ptr<SqliteStore> store_ = SqliteStore::open(folder_.path()).value();
  // No machine is so slow that it would be silent during a test; a claim is decided soon.
  Collector collector_{*store_,
                       system_clock(),
                       {.address = {}, .test_silence_limit = 60s, .challenge_limit = 100ms}};
};

// With a store and a clock that do as they are told.
class StreamPaceTest : public testing::Test {
 protected:
  fakes::FakeStore store_;
  fakes::ManualClock clock_;
  Collector collector_{store_, clock_};
};

}  // namespace firstbyte::stream_test
