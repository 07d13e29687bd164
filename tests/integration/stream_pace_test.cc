// The same two when the store, the clock or the other side is slow, broken or silent.

#include "tests/integration/stream_fixture.h"

namespace firstbyte::stream_test {
namespace {

TEST_F(StreamPaceTest, NothingIsAcknowledgedBeforeItIsCommitted) {
  Agent agent(collector_.port());
  agent.start();
  ASSERT_TRUE(eventually([&] { return agent.connections() == 1; }));
  ASSERT_TRUE(eventually([&] { return store_.agents().value().size() == 1; }));
  store_.hold_writes();
  agent.measure("");
  // Beside it there may be how the agent is.
  ASSERT_TRUE(eventually([&] { return store_.held_writes() >= 1; }));
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

// A result of so many samples of 55 kB each: redirects with as much text as they may have.
Measurement large(std::size_t samples) {
  Measurement measurement = measured("");
  Measurement redirect = measurement;
  redirect.url = std::string(2'048, 'u');
  redirect.failure = Failure{std::nullopt, Origin::kTarget, Cause::kReset, std::string(1'024, 'm')};
  redirect.tls =
      TlsFacts{"TLSv1.3", "", std::string(1'024, 's'), std::string(1'024, 'i'), std::nullopt};
  redirect.headers = {{"x", std::string(400, 'x')}};
  Measurement sample = measurement;
  sample.redirects.assign(kMaxRedirects, redirect);
  measurement.samples.assign(samples, sample);
  return measurement;
}

// A message of more than 8 MiB would end the stream, each time anew.
TEST_F(StreamPaceTest, ABatchHasAMebibyteOfResultsAtMost) {
  Agent agent(collector_.port());
  for (int i = 0; i < 6; ++i) agent.deliver(large(7));
  for (int i = 0; i < 60; ++i) agent.measure("");
  agent.start();
  EXPECT_TRUE(eventually([&] { return agent.spooled() == 0; }));
  // Two of 384 kB are less than a mebibyte, three are more; the small ones are bounded by number.
  EXPECT_THAT(store_.batch_sizes(), ElementsAre(2, 2, 50, 12));
  EXPECT_EQ(agent.connections(), 1);
}

TEST_F(StreamPaceTest, AResultOfMoreThanAMebibyteGoesAlone) {
  Agent agent(collector_.port());
  agent.measure("");
  agent.deliver(large(20));
  agent.measure("");
  agent.start();
  EXPECT_TRUE(eventually([&] { return agent.spooled() == 0; }));
  EXPECT_THAT(store_.batch_sizes(), ElementsAre(1, 1, 1));
  EXPECT_EQ(agent.connections(), 1);
}

// Regression: the collector refused it for its size and ended the stream, and so it went for ever.
TEST_F(StreamPaceTest, AResultTooLargeForTheCollectorGoesWithoutItsSamples) {
  Measurement measurement = large(20);
  for (Measurement& sample : measurement.samples) {
    sample.redirects.assign(kMaxRedirects, large(1).samples.front());
  }
  const auto test = [&] {
    collector::Test begun{"0k3v9x2m7qf5d", {.url = measurement.url}, {}, {}, {}};
    begun.cities = {{agent_in("tokyo"), CityState::kDispatched, {}, {}}};
    return begun;
  }();
  store_.put(test);
  measurement.test_id = test.id;
  Agent agent(collector_.port());
  agent.deliver(measurement);
  agent.start();
  EXPECT_TRUE(eventually([&] { return agent.spooled() == 0; }));
  measurement.samples.clear();
  const auto stored = store_.load_test(test.id).value().value();
  EXPECT_EQ(stored.cities.at(0).received->measurement, measurement);
}

// Regression: each welcome made the agent start over with its shortest wait.
TEST_F(StreamPaceTest, ACollectorThatCannotStoreIsAskedLessAndLessOften) {
  store_.break_writes("the disk is full");
  Agent agent(collector_.port());
  agent.measure("");
  const auto begun = std::chrono::steady_clock::now();
  agent.start();
  ASSERT_TRUE(eventually([&] { return agent.connections() >= 6; }));
  // The least that five waits come to, of 10, 20, 40, 80 and 160 ms at half their length.
  EXPECT_GE(std::chrono::steady_clock::now() - begun, 155ms);
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
  ASSERT_TRUE(eventually([&] { return store_.held_writes() == 2; }));
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
    Agent agent(collector_.port(), "tokyo");
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
  const ProbeOrder order{.test_id = "0k3v9x2m7qf5d",
                         .target = {.url = "https://a.example/" + std::string(2000, 'x')}};
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
  link->order({.test_id = "0k3v9x2m7qf5d", .target = {.url = "https://a.example/"}});
  link->cancel("0k3v9x2m7qf5d");
  EXPECT_FALSE(link->condition().clock);
}

}  // namespace
}  // namespace firstbyte::stream_test
