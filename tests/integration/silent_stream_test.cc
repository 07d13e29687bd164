// Tests under way at an agent whose connection only looks alive.

#include "tests/fakes/tcp_relay.h"
#include "tests/integration/stream_fixture.h"

namespace firstbyte::stream_test {
namespace {

// ---- by the clock

class SilentAgentTest : public StreamPaceTest {
 protected:
  SilentAgentTest() {
    agent_.hello(agent_in("tokyo"));
    EXPECT_TRUE(agent_.read_next(FakeAgentStream::Body::kClockPing));
    test_ = collector_.start_test();
  }

  // Until the ticker has looked, and pinged.
  void pass(std::chrono::milliseconds time) {
    clock_.advance(time);
    EXPECT_TRUE(agent_.read_next(FakeAgentStream::Body::kClockPing));
  }

  FakeAgentStream agent_{collector_.port()};
  collector::Test test_;
};

// Regression: only fifteen seconds of silence ended a city, which had timed out by then.
TEST_F(SilentAgentTest, ItsCityIsOfflineAndTakesTheResultThatComesAfterAll) {
  for (int i = 0; i < 3; ++i) pass(900ms);
  EXPECT_THAT(collector_.seen().seen(test_.id), ElementsAre("started", "tokyo offline"));
  EXPECT_TRUE(collector_.knows("tokyo"));
  agent_.result(1, encode(measured(test_.id)));
  ASSERT_TRUE(collector_.seen().wait_finished(test_.id));
  EXPECT_THAT(collector_.seen().seen(test_.id),
              ElementsAre("started", "tokyo offline", "tokyo finished", "done"));
}

TEST_F(SilentAgentTest, OneThatWasOnlyPausedKeepsItsCity) {
  for (const Phase phase : {Phase::kDns, Phase::kConnect, Phase::kTls}) {
    pass(900ms);
    const std::size_t before = collector_.seen().seen(test_.id).size();
    v1::AgentMessage message;
    message.mutable_progress()->set_test_id(test_.id);
    message.mutable_progress()->set_phase(encode(phase));
    agent_.send(message);
    ASSERT_TRUE(eventually([&] { return collector_.seen().seen(test_.id).size() > before; }));
  }
  EXPECT_THAT(collector_.seen().seen(test_.id),
              ElementsAre("started", "tokyo dns", "tokyo connect", "tokyo tls"));
}

TEST_F(SilentAgentTest, ACollectorThatWasPausedItselfHearsItsAgentsFirst) {
  pass(3s);
  EXPECT_THAT(collector_.seen().seen(test_.id), ElementsAre("started"));
}

TEST_F(SilentAgentTest, WithoutATestItIsNotPingedMoreOften) {
  agent_.result(1, encode(measured(test_.id)));
  ASSERT_TRUE(collector_.seen().wait_finished(test_.id));
  clock_.advance(4s);
  std::this_thread::sleep_for(300ms);  // the ticker comes four times a second
  const auto before = clock_.wall();
  clock_.advance(1s);
  const auto ping = agent_.read_next(FakeAgentStream::Body::kClockPing);
  ASSERT_TRUE(ping);
  EXPECT_GT(ping->clock_ping().collector_sent_us(),
            static_cast<std::uint64_t>(before.time_since_epoch().count()));
}

// ---- by a cut cable

class CutStreamTest : public StreamTest {
 protected:
  fakes::TcpRelay relay_{collector_.port()};
  Agent agent_{relay_.port()};
};

TEST_F(CutStreamTest, WhatIsOrderedMeanwhileArrivesWhenTheWayIsThereAgain) {
  const fakes::TempDir folder;
  auto store = SqliteStore::open(folder.path()).value();
  Collector quick(*store, system_clock(),
                  {.address = {}, .test_ping_interval = 50ms, .test_silence_limit = 300ms});
  fakes::TcpRelay relay(quick.port());
  Agent agent(relay.port(), "london");
  agent.answer_orders();
  agent.start();
  ASSERT_TRUE(eventually([&] { return quick.knows("london"); }));
  relay.cut();
  const auto test = quick.start_test({"london"});
  ASSERT_TRUE(eventually([&] { return quick.seen().seen(test.id).size() == 2; }));
  relay.mend();
  ASSERT_TRUE(quick.seen().wait_finished(test.id));
  EXPECT_THAT(quick.seen().seen(test.id),
              ElementsAre("started", "london offline", "london finished", "done"));
  EXPECT_EQ(agent.connections(), 1);
  quick.stop();
  store = nullptr;  // its last callbacks still find the collector
}

// Regression: an order on a stream that was replaced was lost, and its city timed out.
TEST_F(CutStreamTest, AnOrderThatDidNotArriveIsSentAgainOnTheNextStream) {
  agent_.answer_orders();
  connect(agent_);
  relay_.cut();
  const auto test = collector_.start_test();
  relay_.drop_clients();
  ASSERT_TRUE(collector_.seen().wait_finished(test.id));
  EXPECT_THAT(collector_.seen().seen(test.id), ElementsAre("started", "tokyo finished", "done"));
  EXPECT_EQ(agent_.connections(), 2);
}

TEST_F(CutStreamTest, AnOrderThatDidArriveIsNotProbedTwice) {
  connect(agent_);
  const auto first = collector_.start_test();
  ASSERT_TRUE(eventually([&] { return agent_.orders().size() == 1; }));
  relay_.drop_clients();
  ASSERT_TRUE(eventually([&] { return agent_.connections() == 2; }));
  const auto second = collector_.start_test();
  ASSERT_TRUE(eventually([&] { return agent_.orders().size() >= 2; }));
  agent_.measure(first.id);
  ASSERT_TRUE(collector_.seen().wait_finished(first.id));
  EXPECT_THAT(agent_.orders(), SizeIs(2));
  EXPECT_EQ(agent_.orders().back().test_id, second.id);
  EXPECT_THAT(collector_.seen().seen(first.id), ElementsAre("started", "tokyo finished", "done"));
}

}  // namespace
}  // namespace firstbyte::stream_test
