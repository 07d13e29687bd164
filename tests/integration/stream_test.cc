// What the agent's stream and the collector's ingest owe each other, with the real store.

#include "tests/integration/stream_fixture.h"

namespace firstbyte::stream_test {
namespace {

// ---- an agent that behaves

TEST_F(StreamTest, AnAgentThatSaysHelloIsWelcomeAndKnown) {
  Agent agent(collector_.port());
  connect(agent);
  EXPECT_EQ(collector_.agents().find("tokyo")->identity, agent_in("tokyo"));
  EXPECT_THAT(collector_.agents().find("tokyo")->capabilities, ElementsAre("http/1.1", "http/2"));
  EXPECT_TRUE(eventually([&] { return store_->agents().value().size() == 1; }));
}

TEST_F(StreamTest, AnOrderReachesItsAgent) {
  Agent agent(collector_.port());
  connect(agent);
  const auto test = collector_.start_test();
  ASSERT_TRUE(eventually([&] { return agent.orders().size() == 1; }));
  EXPECT_EQ(agent.orders()[0].test_id, test.id);
  EXPECT_EQ(agent.orders()[0].target.url, "https://a.example/");
  EXPECT_EQ(agent.orders()[0].target.timeout, Micros{10s});
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
  ASSERT_TRUE(
      eventually([&] { return collector_.agents().find("tokyo")->link->condition().clock; }));
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
    agents.push_back(std::make_unique<Agent>(collector_.port(), identity));
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

TEST_F(StreamTest, AWelcomeSaysWhatIsStoredBeforeItsTurn) {
  FakeAgentStream first(collector_.port());
  first.hello(agent_in("tokyo"), 7);
  first.result(1, encode(measured("")));
  ASSERT_TRUE(first.read_next(FakeAgentStream::Body::kAcknowledgement));
  v1::AgentMessage message;
  message.mutable_results()->set_ahead(true);
  v1::SequencedResult* result = message.mutable_results()->add_results();
  result->set_sequence(5'000);
  *result->mutable_measurement() = encode(measured(""));
  first.send(message);
  ASSERT_TRUE(eventually([&] { return count("SELECT count(*) FROM result") == 2; }));
  FakeAgentStream again(collector_.port());
  again.hello(agent_in("tokyo"), 7);
  const auto welcomed = again.read_next(FakeAgentStream::Body::kWelcome);
  ASSERT_TRUE(welcomed);
  EXPECT_EQ(welcomed->welcome().committed_sequence(), 1U);
  EXPECT_EQ(welcomed->welcome().highest_sequence(), 5'000U);
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
  Agent first(collector_.port(), "tokyo");
  connect(first);
  Agent second(collector_.port(), "tokyo");
  second.start();
  ASSERT_TRUE(eventually([&] { return second.refusal().has_value(); }));
  EXPECT_EQ(second.refusal()->message,
            "another process is connected as agent \"tokyo\"; give this one an --id of its own");
  EXPECT_EQ(first.connections(), 1);
  EXPECT_TRUE(collector_.knows("tokyo"));
}

// Regression: a copy of the whole folder, spool included, took the other's stream, and each of the
// two lost what the other had numbered.
TEST_F(StreamTest, ACopyOfALivingAgentIsRefusedToo) {
  Agent first(collector_.port(), "tokyo");
  connect(first);
  FakeAgentStream copy(collector_.port());
  copy.hello(agent_in("tokyo"), first.spool().boot(), 99);
  EXPECT_EQ(copy.wait_end().error_code(), grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(first.connections(), 1);
}

TEST_F(StreamTest, ASecondProcessTakesThePlaceOfOneThatDoesNotAnswer) {
  FakeAgentStream dead(collector_.port());
  dead.hello(agent_in("tokyo"), 1);
  ASSERT_TRUE(dead.is_welcome());
  Agent second(collector_.port(), "tokyo");
  second.start();
  EXPECT_TRUE(eventually([&] { return second.connections() == 1; }));
  EXPECT_EQ(dead.wait_end().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(StreamTest, ASecondProcessTakesThePlaceOfOneThatLeavesMeanwhile) {
  FakeAgentStream first(collector_.port());
  first.hello(agent_in("tokyo"), 1);
  ASSERT_TRUE(first.is_welcome());
  Agent second(collector_.port(), "tokyo");
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
  Agent agent(collector_.port(), "tokyo");
  agent.start();
  EXPECT_TRUE(eventually([&] { return agent.connections() == 1; }));
}

// ---- an agent that does not behave

TEST_F(StreamTest, AHelloThatIsNotValidIsRefusedForGood) {
  AgentIdentity identity = agent_in("tokyo");
  identity.city = "";
  Agent agent(collector_.port(), identity);
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
  const Measurement& kept = ended->cities.at(0).received->measurement;
  EXPECT_EQ(kept.self_check, std::nullopt);
  EXPECT_EQ(kept.body_bytes, std::nullopt);
  const Failure failure = kept.failure.value();
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
  EXPECT_FALSE(collector_.agents().find("tokyo")->link->condition().clock);
}

// ---- the collector's own troubles

TEST_F(StreamTest, ASecondGatewayOnTheSamePortIsRefused) {
  auto second = AgentGateway::start({.address = collector_.address()}, *store_, collector_.agents(),
                                    collector_.dispatcher(), system_clock());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().field, "--grpc");
  EXPECT_THAT(second.error().message, HasSubstr("cannot listen on " + collector_.address()));
}

}  // namespace
}  // namespace firstbyte::stream_test
