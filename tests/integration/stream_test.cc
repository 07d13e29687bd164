// The agent's stream and the collector's ingest against each other, over TCP, with the real store.

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

namespace firstbyte {
namespace {

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

Measurement measured(const std::string& test_id) {
  Measurement measurement;
  measurement.test_id = test_id;
  measurement.url = "https://a.example/";
  measurement.measured_at = WallTime{Micros{1'790'000'000'000'000}};
  measurement.timings = Timings::make({}, Micros{5'000}).value();
  measurement.status = 200;
  return measurement;
}

// The agent's half: a spool, the stream, and what came down it.
class Agent {
 public:
  explicit Agent(int port, const std::string& city = "tokyo", std::uint64_t boot = 1)
      : Agent(port, agent_in(city), boot) {}

  Agent(int port, const AgentIdentity& identity, std::uint64_t boot)
      : stream_({.collector = fmt::format("127.0.0.1:{}", port),
                 .identity = identity,
                 .version = "0.1.0",
                 .boot = boot,
                 .capabilities = {},
                 .first_retry = 10ms,
                 .longest_retry = 50ms},
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
                spool_, system_clock()) {}

  void start() { stream_.start(); }
  void stop(std::chrono::milliseconds patience = 5s) { stream_.stop(patience); }
  // Each order is answered at once with a result.
  void answer_orders() { answers_ = true; }

  void measure(const std::string& test_id) {
    spool_.append(measured(test_id));
    stream_.results_waiting();
  }
  void enter(const std::string& test_id, Phase phase) {
    stream_.report_progress(test_id, phase, Micros{100});
  }

  std::size_t spooled() const { return spool_.depth(); }
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
  agent::MemorySpool spool_{10'000};
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
    const auto test = dispatcher_.start({"https://a.example/", std::move(agents), 10s});
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
    return collector::Database::open(folder_ / "firstbyte.db",
                                     collector::Database::Access::kReadOnly)
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
  Collector collector_{*store_, system_clock(), {.address = {}, .challenge_limit = 100ms}};
};

// With a store and a clock that do as they are told.
class StreamPaceTest : public testing::Test {
 protected:
  fakes::FakeStore store_;
  fakes::ManualClock clock_;
  Collector collector_{store_, clock_};
};

// ---- an agent that behaves

TEST_F(StreamTest, AnAgentThatSaysHelloIsWelcomeAndKnown) {
  Agent agent(collector_.port());
  connect(agent);
  EXPECT_EQ(collector_.agents().find("tokyo")->identity, agent_in("tokyo"));
  EXPECT_TRUE(eventually([&] { return store_->agents().value().size() == 1; }));
}

TEST_F(StreamTest, AnOrderReachesItsAgent) {
  Agent agent(collector_.port());
  connect(agent);
  const auto test = collector_.start_test();
  ASSERT_TRUE(eventually([&] { return agent.orders().size() == 1; }));
  EXPECT_EQ(agent.orders()[0].test_id, test.id);
  EXPECT_EQ(agent.orders()[0].url, "https://a.example/");
  EXPECT_EQ(agent.orders()[0].timeout, Micros{10s});
}

TEST_F(StreamTest, EachStepArrives) {
  Agent agent(collector_.port());
  connect(agent);
  const auto test = collector_.start_test();
  agent.enter(test.id, Phase::kDns);
  agent.enter(test.id, Phase::kConnect);
  EXPECT_TRUE(eventually([&] { return collector_.seen().seen(test.id).size() == 3; }));
  EXPECT_THAT(collector_.seen().seen(test.id),
              ElementsAre("started", "tokyo dns", "tokyo connect"));
}

TEST_F(StreamTest, AResultIsStoredShownAndForgottenByTheAgent) {
  Agent agent(collector_.port());
  agent.answer_orders();
  connect(agent);
  const auto test = collector_.start_test();
  ASSERT_TRUE(collector_.seen().wait_finished(test.id));
  EXPECT_EQ(store_->load_test(test.id).value()->cities.at(0).received->measurement,
            measured(test.id));
  EXPECT_TRUE(eventually([&] { return agent.spooled() == 0; }));
}

TEST_F(StreamTest, AResultSaysHowFarTheAgentsClockIsOff) {
  Agent agent(collector_.port());
  connect(agent);
  ASSERT_TRUE(eventually([&] { return collector_.agents().find("tokyo")->link->clock_offset(); }));
  agent.answer_orders();
  const auto ended = collector_.seen().wait_finished(collector_.start_test().id);
  const auto clock = ended.value().cities.at(0).received->clock;
  ASSERT_TRUE(clock);
  // Both read the same clock here, so the truth is zero.
  EXPECT_LE(std::abs(clock->offset.count()), clock->error.count() + 1);
}

TEST_F(StreamTest, AnAgentThatSaysGoodbyeIsGoneAtOnceAndItsCityOffline) {
  Agent agent(collector_.port());
  connect(agent);
  const auto test = collector_.start_test();
  agent.stop();
  EXPECT_TRUE(eventually([&] { return !collector_.knows("tokyo"); }));
  const auto ended = collector_.seen().wait_finished(test.id);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->cities.at(0).state, CityState::kOffline);
}

TEST_F(StreamTest, StoppingAnAgentDeliversWhatIsSpooledFirst) {
  Agent agent(collector_.port());
  connect(agent);
  for (int i = 0; i < 500; ++i) agent.measure("");
  agent.stop();
  EXPECT_EQ(agent.spooled(), 0U);
  EXPECT_EQ(count("SELECT count(*) FROM result"), 500);
}

TEST_F(StreamTest, TwentyAgentsAtOnceAllAnswer) {
  std::vector<std::unique_ptr<Agent>> agents;
  for (int i = 0; i < 20; ++i) {
    AgentIdentity identity = agent_in("tokyo");
    identity.id = fmt::format("agent-{}", i);
    agents.push_back(std::make_unique<Agent>(collector_.port(), identity, i));
    agents.back()->answer_orders();
    agents.back()->start();
  }
  ASSERT_TRUE(eventually([&] { return collector_.agents().size() == 20; }));
  const auto ended = collector_.seen().wait_finished(collector_.start_test().id);
  ASSERT_TRUE(ended);
  EXPECT_THAT(ended->cities, SizeIs(20));
  for (const auto& city : ended->cities) EXPECT_EQ(city.state, CityState::kFinished);
}

// ---- connections that come and go

TEST_F(StreamTest, NothingIsLostAndNothingIsThereTwiceWhenTheCollectorGoesAndComes) {
  Agent agent(collector_.port());
  connect(agent);
  constexpr int kResults = 2'000;
  std::thread measuring([&] {
    for (int i = 0; i < kResults; ++i) agent.measure("");
  });
  for (int i = 0; i < 3; ++i) {
    collector_.stop_gateway();
    collector_.listen();
    EXPECT_TRUE(eventually([&] { return agent.connections() >= i + 2; }));
  }
  measuring.join();
  EXPECT_TRUE(eventually([&] { return agent.spooled() == 0; }));
  EXPECT_EQ(count("SELECT count(*) FROM result"), kResults);
  EXPECT_EQ(count("SELECT count(DISTINCT sequence) FROM result"), kResults);
}

TEST_F(StreamTest, AnAgentThatFindsNoCollectorKeepsTrying) {
  const int port = collector_.port();
  collector_.stop_gateway();
  Agent agent(port);
  agent.start();
  agent.measure("");
  collector_.listen();
  EXPECT_TRUE(eventually([&] { return agent.spooled() == 0; }));
  EXPECT_FALSE(agent.refusal());
}

TEST_F(StreamTest, AnAgentThatFindsNoCollectorStopsAtOnce) {
  const int port = collector_.port();
  collector_.stop_gateway();
  Agent agent(port);
  agent.start();
  const auto begin = std::chrono::steady_clock::now();
  agent.stop(10s);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

TEST_F(StreamTest, TheSameProcessBackOnANewConnectionReplacesTheOld) {
  FakeAgentStream old(collector_.port());
  old.hello(agent_in("tokyo"), 7);
  ASSERT_TRUE(old.is_welcome());
  FakeAgentStream again(collector_.port());
  again.hello(agent_in("tokyo"), 7);
  EXPECT_TRUE(again.is_welcome());
  EXPECT_EQ(old.wait_end().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(collector_.knows("tokyo"));
}

TEST_F(StreamTest, AWelcomeSaysWhatIsCommittedAlready) {
  FakeAgentStream first(collector_.port());
  first.hello(agent_in("tokyo"), 7);
  first.result(1, encode(measured("")));
  first.result(2, encode(measured("")));
  while (first.read_next(FakeAgentStream::Body::kAcknowledgement)->acknowledgement().sequence() <
         2) {
  }
  FakeAgentStream again(collector_.port());
  again.hello(agent_in("tokyo"), 7);
  EXPECT_EQ(again.read_next(FakeAgentStream::Body::kWelcome)->welcome().committed_sequence(), 2U);
}

TEST_F(StreamTest, ANewBootStartsToCountAnew) {
  FakeAgentStream first(collector_.port());
  first.hello(agent_in("tokyo"), 7);
  first.result(1, encode(measured("")));
  ASSERT_TRUE(first.read_next(FakeAgentStream::Body::kAcknowledgement));
  first.hang_up();
  ASSERT_TRUE(eventually([&] { return !collector_.knows("tokyo"); }));
  FakeAgentStream second(collector_.port());
  second.hello(agent_in("tokyo"), 8);
  EXPECT_EQ(second.read_next(FakeAgentStream::Body::kWelcome)->welcome().committed_sequence(), 0U);
}

TEST_F(StreamTest, AResultSentTwiceIsAcknowledgedTwiceAndStoredOnce) {
  FakeAgentStream agent(collector_.port());
  agent.hello(agent_in("tokyo"));
  for (int i = 0; i < 2; ++i) {
    agent.result(1, encode(measured("")));
    const auto answer = agent.read_next(FakeAgentStream::Body::kAcknowledgement);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->acknowledgement().sequence(), 1U);
  }
  EXPECT_EQ(count("SELECT count(*) FROM result"), 1);
}

// ---- two processes, one id

TEST_F(StreamTest, ASecondProcessWithTheSameIdIsRefusedWhileTheFirstLives) {
  Agent first(collector_.port(), "tokyo", 1);
  connect(first);
  Agent second(collector_.port(), "tokyo", 2);
  second.start();
  ASSERT_TRUE(eventually([&] { return second.refusal().has_value(); }));
  EXPECT_EQ(second.refusal()->message,
            "another process is connected as agent \"tokyo\"; give this one an --id of its own");
  EXPECT_EQ(first.connections(), 1);
  EXPECT_TRUE(collector_.knows("tokyo"));
}

TEST_F(StreamTest, ASecondProcessTakesThePlaceOfOneThatDoesNotAnswer) {
  FakeAgentStream dead(collector_.port());
  dead.hello(agent_in("tokyo"), 1);
  ASSERT_TRUE(dead.is_welcome());
  Agent second(collector_.port(), "tokyo", 2);
  second.start();
  EXPECT_TRUE(eventually([&] { return second.connections() == 1; }));
  EXPECT_EQ(dead.wait_end().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(StreamTest, ASecondProcessTakesThePlaceOfOneThatLeavesMeanwhile) {
  FakeAgentStream first(collector_.port());
  first.hello(agent_in("tokyo"), 1);
  ASSERT_TRUE(first.is_welcome());
  Agent second(collector_.port(), "tokyo", 2);
  second.start();
  first.hang_up();
  EXPECT_TRUE(eventually([&] { return second.connections() == 1; }));
}

// Regression: a stream that ended just while it was admitted could stay in the registry for ever,
// and whoever claimed its id next sent the collector into endless recursion.
TEST_F(StreamTest, NobodyStaysBehindWhenStreamsEndWhileTheyAreAdmitted) {
  for (int round = 0; round < 20; ++round) {
    std::vector<std::unique_ptr<FakeAgentStream>> streams;
    for (std::uint64_t i = 0; i < 6; ++i) {
      streams.push_back(std::make_unique<FakeAgentStream>(collector_.port()));
      streams.back()->hello(agent_in("tokyo"), i / 2);
    }
    for (const auto& stream : streams) stream->hang_up();
  }
  EXPECT_TRUE(eventually([&] { return collector_.agents().size() == 0; }));
  Agent agent(collector_.port(), "tokyo", 99);
  agent.start();
  EXPECT_TRUE(eventually([&] { return agent.connections() == 1; }));
}

// ---- an agent that does not behave

TEST_F(StreamTest, AHelloThatIsNotValidIsRefusedForGood) {
  AgentIdentity identity = agent_in("tokyo");
  identity.city = "";
  Agent agent(collector_.port(), identity, 1);
  agent.start();
  ASSERT_TRUE(eventually([&] { return agent.refusal().has_value(); }));
  EXPECT_EQ(agent.refusal()->message, "the agent's hello is not valid: identity.city is missing");
  EXPECT_EQ(agent.refusal()->kind, Error::Kind::kFatal);
  EXPECT_EQ(collector_.stats().refused, 1U);
}

TEST_F(StreamTest, TheFirstMessageMustBeAHello) {
  FakeAgentStream agent(collector_.port());
  agent.result(1, encode(measured("")));
  const grpc::Status status = agent.wait_end();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "the first message must be a hello");
  EXPECT_EQ(count("SELECT count(*) FROM result"), 0);
}

TEST_F(StreamTest, AnAgentSaysHelloOnce) {
  FakeAgentStream agent(collector_.port());
  agent.hello(agent_in("tokyo"));
  agent.hello(agent_in("london"));
  const grpc::Status status = agent.wait_end();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "an agent says hello once");
  EXPECT_TRUE(eventually([&] { return collector_.agents().size() == 0; }));
}

TEST_F(StreamTest, SequencesThatDoNotRiseAreRefusedForGood) {
  FakeAgentStream agent(collector_.port());
  agent.hello(agent_in("tokyo"));
  agent.result(0, encode(measured("")));
  const grpc::Status status = agent.wait_end();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("sequences start at 1 and rise"));
}

TEST_F(StreamTest, AResultThatIsNotValidIsStoredAsAFailure) {
  FakeAgentStream agent(collector_.port());
  agent.hello(agent_in("tokyo"));
  ASSERT_TRUE(agent.is_welcome());
  const auto test = collector_.start_test();
  v1::Measurement bad = encode(measured(test.id));
  bad.mutable_timings()->mutable_dns()->set_begin_us(9);
  agent.result(1, bad);
  const auto ended = collector_.seen().wait_finished(test.id);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->cities.at(0).state, CityState::kFailed);
  const Failure failure = ended->cities.at(0).received->measurement.failure.value();
  EXPECT_EQ(failure.origin, Origin::kAgent);
  EXPECT_EQ(failure.cause, Cause::kInternal);
  EXPECT_THAT(failure.message, HasSubstr("the agent's result was not valid: phase dns"));
  EXPECT_EQ(collector_.stats().rejected, 1U);
  EXPECT_TRUE(agent.read_next(FakeAgentStream::Body::kAcknowledgement));
}

TEST_F(StreamTest, AMessageOfALaterVersionIsPassedOver) {
  FakeAgentStream agent(collector_.port());
  agent.hello(agent_in("tokyo"));
  agent.send(v1::AgentMessage{});
  agent.result(1, encode(measured("")));
  EXPECT_TRUE(agent.read_next(FakeAgentStream::Body::kAcknowledgement));
}

TEST_F(StreamTest, StepsThatMakeNoSenseArePassedOver) {
  FakeAgentStream agent(collector_.port());
  agent.hello(agent_in("tokyo"));
  ASSERT_TRUE(agent.is_welcome());
  const auto test = collector_.start_test();
  v1::AgentMessage message;
  message.mutable_progress()->set_test_id(test.id);
  message.mutable_progress()->set_phase(static_cast<v1::Phase>(77));
  agent.send(message);
  message.mutable_progress()->set_phase(v1::PHASE_DNS);
  message.mutable_progress()->set_elapsed_us(~0ULL);
  agent.send(message);
  message.mutable_progress()->set_elapsed_us(1);
  agent.send(message);
  EXPECT_TRUE(eventually([&] { return collector_.seen().seen(test.id).size() == 2; }));
  EXPECT_THAT(collector_.seen().seen(test.id), ElementsAre("started", "tokyo dns"));
}

// Regression: times beyond any calendar overflowed in the clock filter.
TEST_F(StreamTest, PongsWithImpossibleTimesSayNothingOfTheClock) {
  FakeAgentStream agent(collector_.port());
  agent.hello(agent_in("tokyo"));
  v1::AgentMessage message;
  for (const std::uint64_t time : {~0ULL, 1ULL << 63, (1ULL << 63) - 1}) {
    message.mutable_clock_pong()->set_collector_sent_us(time);
    message.mutable_clock_pong()->set_agent_received_us(~time);
    message.mutable_clock_pong()->set_agent_sent_us(time / 2);
    agent.send(message);
  }
  agent.result(1, encode(measured("")));
  ASSERT_TRUE(agent.read_next(FakeAgentStream::Body::kAcknowledgement));
  EXPECT_FALSE(collector_.agents().find("tokyo")->link->clock_offset());
}

// ---- the collector's own troubles

TEST_F(StreamTest, ASecondGatewayOnTheSamePortIsRefused) {
  auto second = AgentGateway::start({.address = collector_.address()}, *store_, collector_.agents(),
                                    collector_.dispatcher(), system_clock());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().field, "--grpc");
  EXPECT_THAT(second.error().message, HasSubstr("cannot listen on " + collector_.address()));
}

TEST_F(StreamPaceTest, NothingIsAcknowledgedBeforeItIsCommitted) {
  Agent agent(collector_.port());
  agent.start();
  ASSERT_TRUE(eventually([&] { return agent.connections() == 1; }));
  ASSERT_TRUE(eventually([&] { return store_.agents().value().size() == 1; }));
  store_.hold_writes();
  agent.measure("");
  ASSERT_TRUE(eventually([&] { return store_.held_writes() == 1; }));
  EXPECT_EQ(agent.spooled(), 1U);
  store_.release_writes();
  EXPECT_TRUE(eventually([&] { return agent.spooled() == 0; }));
}

// Regression: a commit let the next results be read while the last ones were still on their way to
// the store; those that came first arrived second, were taken for repeated, acknowledged and lost.
TEST_F(StreamPaceTest, ResultsDoNotOvertakeEachOtherOnTheWayToTheStore) {
  FakeAgentStream agent(collector_.port());
  agent.hello(agent_in("tokyo"));
  ASSERT_TRUE(eventually([&] { return store_.agents().value().size() == 1; }));
  store_.hold_writes();
  agent.result(1, encode(measured("")));
  ASSERT_TRUE(eventually([&] { return store_.held_writes() == 1; }));
  std::atomic<int> appends{0};
  store_.on_append([&] {
    if (++appends > 1) return;
    // The first result is committed while the second one is just coming in; the third is not far
    // behind.
    store_.release_writes();
    eventually([&] { return appends > 1; }, 100ms);
  });
  agent.result(2, encode(measured("")));
  agent.result(3, encode(measured("")));
  EXPECT_TRUE(eventually([&] { return appends == 2; }));
  EXPECT_TRUE(eventually([&] {
    const auto stored = store_.stored_sequences();
    return !stored.empty() && stored.back() == 3;
  }));
  EXPECT_THAT(store_.stored_sequences(), ElementsAre(1, 2, 3));
}

TEST_F(StreamPaceTest, ResultsThatCannotBeStoredAreSentAgain) {
  store_.break_writes("the disk is full");
  Agent agent(collector_.port());
  agent.start();
  agent.measure("");
  EXPECT_TRUE(eventually([&] { return agent.connections() >= 3; }));
  EXPECT_EQ(agent.spooled(), 1U);
  EXPECT_FALSE(agent.refusal());
  store_.break_writes({});
  EXPECT_TRUE(eventually([&] { return agent.spooled() == 0; }));
}

TEST_F(StreamPaceTest, AnAgentComesBackWhenItsCursorCouldNotBeRead) {
  store_.break_reads();
  FakeAgentStream agent(collector_.port());
  agent.hello(agent_in("tokyo"));
  EXPECT_EQ(agent.wait_end().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_FALSE(collector_.knows("tokyo"));
}

TEST_F(StreamPaceTest, AnAgentThatGoesSilentIsTakenForLost) {
  FakeAgentStream agent(collector_.port());
  agent.hello(agent_in("tokyo"));
  ASSERT_TRUE(agent.is_welcome());
  const auto test = collector_.start_test();
  clock_.advance(16s);
  EXPECT_TRUE(eventually([&] { return !collector_.knows("tokyo"); }));
  EXPECT_EQ(agent.wait_end().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(collector_.seen().wait_finished(test.id));
}

TEST_F(StreamPaceTest, AStreamWithoutAHelloEndsAfterTheSameSilence) {
  FakeAgentStream agent(collector_.port());
  agent.send(v1::AgentMessage{});
  FakeAgentStream quiet(collector_.port());
  FakeAgentStream known(collector_.port());
  known.hello(agent_in("tokyo"));
  ASSERT_TRUE(known.is_welcome());
  clock_.advance(16s);
  EXPECT_EQ(quiet.wait_end().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(StreamPaceTest, AConnectedAgentIsPingedEveryFiveSeconds) {
  FakeAgentStream agent(collector_.port());
  agent.hello(agent_in("tokyo"));
  ASSERT_TRUE(agent.read_next(FakeAgentStream::Body::kClockPing));
  clock_.advance(5s);
  const auto ping = agent.read_next(FakeAgentStream::Body::kClockPing);
  ASSERT_TRUE(ping);
  EXPECT_EQ(ping->clock_ping().collector_sent_us(),
            static_cast<std::uint64_t>(clock_.wall().time_since_epoch().count()));
}

// Regression: an agent that was not read, since the store was behind, was taken for silent.
TEST_F(StreamPaceTest, AnAgentIsNotSilentWhileItsCollectorDoesNotListen) {
  FakeAgentStream agent(collector_.port());
  agent.hello(agent_in("tokyo"));
  ASSERT_TRUE(agent.read_next(FakeAgentStream::Body::kClockPing));
  ASSERT_TRUE(eventually([&] { return store_.agents().value().size() == 1; }));
  store_.hold_writes();
  for (std::uint64_t i = 1; i <= 6; ++i) agent.result(i, encode(measured("")));
  ASSERT_TRUE(eventually([&] { return store_.held_writes() == 4; }));
  clock_.advance(16s);
  // The next ping shows that the silence was looked at.
  ASSERT_TRUE(agent.read_next(FakeAgentStream::Body::kClockPing));
  store_.release_writes();
  EXPECT_TRUE(collector_.knows("tokyo"));
  std::uint64_t acknowledged = 0;
  while (acknowledged < 6) {
    const auto message = agent.read_next(FakeAgentStream::Body::kAcknowledgement);
    ASSERT_TRUE(message);
    acknowledged = message->acknowledgement().sequence();
  }
}

// Regression: a test that began just while an agent joined was ordered before its welcome.
TEST_F(StreamPaceTest, TheWelcomeComesBeforeAnyOrder) {
  store_.on_cursor([&] { collector_.start_test(); });
  FakeAgentStream agent(collector_.port());
  agent.hello(agent_in("tokyo"));
  const auto first = agent.read();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->body_case(), FakeAgentStream::Body::kWelcome);
  EXPECT_TRUE(agent.read_next(FakeAgentStream::Body::kOrder));
}

// Regression: an agent that was stopped before it was welcome hung up without delivering.
TEST_F(StreamPaceTest, AnAgentThatStopsBeforeItsWelcomeStillDelivers) {
  std::promise<void> asked;
  std::promise<void> stopping;
  store_.on_cursor([&] {
    asked.set_value();
    stopping.get_future().wait();
  });
  Agent agent(collector_.port());
  agent.measure("");
  agent.start();
  asked.get_future().wait();
  std::thread stop([&] {
    stopping.set_value();
    agent.stop(10s);
  });
  stop.join();
  EXPECT_EQ(agent.spooled(), 0U);
}

// Regression: a goodbye before the stream had begun was written to a call that did not exist yet.
TEST_F(StreamPaceTest, AnAgentCanBeStoppedAtAnyMomentOfItsStart) {
  for (int i = 0; i < 200; ++i) {
    Agent agent(collector_.port(), "tokyo", static_cast<std::uint64_t>(i));
    agent.start();
    if (i % 2 == 1) std::this_thread::yield();
    agent.stop(0ms);
  }
  EXPECT_TRUE(eventually([&] { return collector_.agents().size() == 0; }));
}

TEST_F(StreamPaceTest, StoppingTwiceIsStoppingOnce) {
  Agent agent(collector_.port());
  agent.start();
  agent.stop();
  agent.stop();
}

TEST_F(StreamPaceTest, AnAgentThatDoesNotReadIsDroppedInsteadOfKeptInMemory) {
  FakeAgentStream agent(collector_.port());
  agent.hello(agent_in("tokyo"));
  ASSERT_TRUE(agent.is_welcome());
  const auto link = collector_.agents().find("tokyo")->link;
  const ProbeOrder order{"0k3v9x2m7qf5d", "https://a.example/" + std::string(2000, 'x'), 10s};
  EXPECT_TRUE(eventually([&] {
    for (int i = 0; i < 1000; ++i) link->order(order);
    return !collector_.knows("tokyo");
  }));
}

TEST_F(StreamPaceTest, ALinkOutlivesItsStreamWithoutEffect) {
  FakeAgentStream agent(collector_.port());
  agent.hello(agent_in("tokyo"));
  ASSERT_TRUE(agent.is_welcome());
  const auto link = collector_.agents().find("tokyo")->link;
  agent.hang_up();
  ASSERT_TRUE(eventually([&] { return !collector_.knows("tokyo"); }));
  link->order({"0k3v9x2m7qf5d", "https://a.example/", 10s});
  link->cancel("0k3v9x2m7qf5d");
  EXPECT_FALSE(link->clock_offset());
}

}  // namespace
}  // namespace firstbyte
