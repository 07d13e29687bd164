// What an agent's spool and stream do to a collector that does as it is told.

#include "tests/fakes/fake_collector.h"
#include "tests/fakes/spool_measurements.h"
#include "tests/integration/stream_fixture.h"

namespace firstbyte::stream_test {
namespace {

using fakes::FakeCollector;
using testing::IsEmpty;

class AgentDeliveryTest : public testing::Test {
 protected:
  agent::SqliteSpool::Options on_disk(std::uint64_t max_bytes = 64 << 20) {
    return spool_in(folder_ / "spool.db", max_bytes);
  }
  // Everything from 1 to the last exactly once, as a result or in a gap.
  void expect_whole(std::uint64_t boot, std::uint64_t last) {
    std::uint64_t next = 1;
    const auto results = collector_.results(boot);
    for (const auto& [sequence, record] : results) {
      const std::uint64_t first = record.has_gap() ? record.gap().first_sequence() : sequence;
      EXPECT_EQ(first, next);
      next = sequence + 1;
    }
    EXPECT_EQ(next, last + 1);
  }

  fakes::TempDir folder_;
  FakeCollector collector_;
};

TEST_F(AgentDeliveryTest, SendsAgainOnlyWhatWasNotAcknowledged) {
  collector_.acknowledge([](std::uint64_t last) { return std::min<std::uint64_t>(last, 60); });
  Agent agent(collector_.port());
  for (int i = 0; i < 100; ++i) agent.measure("");
  agent.start();
  ASSERT_TRUE(eventually([&] { return collector_.arrivals().size() == 100; }));
  ASSERT_TRUE(eventually([&] { return agent.spooled() == 40; }));
  collector_.stop();
  collector_.acknowledge(nullptr);
  collector_.say_committed([](std::uint64_t) { return 60; });
  collector_.listen();
  EXPECT_TRUE(eventually([&] { return agent.spooled() == 0; }));
  const auto arrivals = collector_.arrivals();
  ASSERT_EQ(arrivals.size(), 140U);
  EXPECT_EQ(arrivals[100], 61U);
  EXPECT_THAT(collector_.contradictions(), IsEmpty());
  expect_whole(agent.spool().boot(), 100);
}

TEST_F(AgentDeliveryTest, HasNoMoreUnderWayThanItsWindow) {
  collector_.acknowledge([](std::uint64_t) { return std::nullopt; });
  Agent agent(collector_.port());
  for (int i = 0; i < 1'500; ++i) agent.measure("");
  agent.start();
  EXPECT_TRUE(eventually([&] { return collector_.count() == 1'000; }));
  std::this_thread::sleep_for(100ms);
  EXPECT_EQ(collector_.count(), 1'000U);
}

TEST_F(AgentDeliveryTest, BelievesNoAcknowledgementOfWhatItNeverSent) {
  collector_.acknowledge([](std::uint64_t last) { return last + 1; });
  Agent agent(collector_.port());
  agent.measure("");
  agent.measure("");
  agent.start();
  ASSERT_TRUE(eventually([&] { return collector_.count() == 2; }));
  collector_.acknowledge([](std::uint64_t last) { return last; });
  agent.measure("");
  EXPECT_TRUE(eventually([&] { return agent.spooled() == 0; }));
  EXPECT_EQ(agent.connections(), 1);
  EXPECT_EQ(collector_.count(), 3U);
}

TEST_F(AgentDeliveryTest, AGapGoesInItsPlaceAndIsAcknowledged) {
  Agent agent(collector_.port(), "tokyo", on_disk(1 << 20));
  fakes::CdnResults cdn;
  for (int i = 0; i < 4'000; ++i) {
    agent.deliver(cdn.next(system_clock().wall()));
    if (i % 200 == 0) {
      ASSERT_TRUE(agent.spool().flush(10s));
    }
  }
  agent.start();
  ASSERT_TRUE(eventually([&] { return agent.spool().is_empty(); }));
  const std::uint64_t boot = agent.spool().boot();
  expect_whole(boot, 4'000);
  const v1::SequencedResult first = collector_.results(boot).begin()->second;
  EXPECT_EQ(first.gap().reason(), v1::GAP_REASON_SPOOL_FULL);
  EXPECT_TRUE(eventually([&] {
    const auto statuses = collector_.statuses();
    return !statuses.empty() && statuses.back().lost == first.sequence();
  }));
}

TEST_F(AgentDeliveryTest, SaysHowItsSpoolIsAfterTheWelcomeAndFromTimeToTime) {
  collector_.acknowledge([](std::uint64_t) { return std::nullopt; });
  Agent agent(collector_.port(), "tokyo", on_disk());
  agent.measure("");
  agent.start();
  ASSERT_TRUE(eventually([&] { return collector_.statuses().size() >= 3; }));
  const SpoolStatus status = collector_.statuses().back();
  EXPECT_EQ(status.results, 1U);
  EXPECT_EQ(status.oldest_measured_at, measured("").measured_at);
  EXPECT_GT(status.bytes, 0U);
  EXPECT_EQ(status.error, "");
}

TEST_F(AgentDeliveryTest, AnAgentThatStartsAgainDeliversWhatItHad) {
  collector_.acknowledge([](std::uint64_t) { return 3; });
  std::uint64_t boot = 0;
  {
    Agent agent(collector_.port(), "tokyo", on_disk());
    for (int i = 0; i < 10; ++i) agent.measure("");
    agent.start();
    ASSERT_TRUE(eventually([&] { return agent.spooled() == 7; }));
    boot = agent.spool().boot();
    agent.stop(0ms);
  }
  collector_.acknowledge(nullptr);
  collector_.say_committed([](std::uint64_t) { return 3; });
  Agent again(collector_.port(), "tokyo", on_disk());
  EXPECT_EQ(again.spool().boot(), boot);
  again.measure("");
  again.start();
  ASSERT_TRUE(eventually([&] { return again.spool().is_empty(); }));
  expect_whole(boot, 11);
  EXPECT_THAT(collector_.contradictions(), IsEmpty());
}

TEST_F(AgentDeliveryTest, AnOlderCopyOfASpoolGoesOnAsAnotherOne) {
  collector_.say_committed([first = std::uint64_t{0}](std::uint64_t boot) mutable {
    if (first == 0) first = boot;
    return boot == first ? 150 : 0;
  });
  Agent agent(collector_.port(), "tokyo", on_disk());
  for (int i = 0; i < 5; ++i) agent.measure("");
  const std::uint64_t before = agent.spool().boot();
  agent.start();
  ASSERT_TRUE(eventually([&] { return collector_.count() == 5; }));
  EXPECT_TRUE(eventually([&] { return agent.spool().is_empty(); }));
  const std::uint64_t after = agent.spool().boot();
  EXPECT_NE(after, before);
  EXPECT_THAT(collector_.results(before), IsEmpty());
  expect_whole(after, 5);
}

// Regression: what the copy had numbered since hid that the collector knew other results by the
// same numbers, and these were taken for delivered.
TEST_F(AgentDeliveryTest, AnOlderCopyIsNoticedThoughItHasNumberedMoreByNow) {
  std::uint64_t before = 0;
  {
    Agent agent(collector_.port(), "tokyo", on_disk());
    for (int i = 0; i < 5; ++i) agent.measure("");
    ASSERT_TRUE(agent.spool().flush(10s));
    before = agent.spool().boot();
  }
  collector_.say_committed([&](std::uint64_t boot) { return boot == before ? 150 : 0; });
  Agent agent(collector_.port(), "tokyo", on_disk());
  for (int i = 0; i < 195; ++i) agent.measure("");
  agent.start();
  ASSERT_TRUE(eventually([&] { return collector_.count() == 200; }));
  EXPECT_THAT(collector_.results(before), IsEmpty());
  EXPECT_TRUE(eventually([&] { return agent.spool().is_empty(); }));
  expect_whole(agent.spool().boot(), 200);
}

// Regression: the cursor was short of what the copy had numbered, so nothing was noticed, and a
// number that a result before its turn had been stored by was given again, and that result lost.
TEST_F(AgentDeliveryTest, AnOlderCopyIsNoticedByWhatCameBeforeItsTurn) {
  std::uint64_t before = 0;
  {
    Agent agent(collector_.port(), "tokyo", on_disk());
    for (int i = 0; i < 199; ++i) agent.measure("");
    ASSERT_TRUE(agent.spool().flush(10s));
    before = agent.spool().boot();
    ASSERT_EQ(agent.spool().after(before, 0, 150, 1 << 24).size(), 150U);  // sent
    agent.measure("");
  }
  collector_.say_committed([&](std::uint64_t boot) { return boot == before ? 100 : 0; });
  collector_.say_highest([&](std::uint64_t boot) { return boot == before ? 5'000 : 0; });
  Agent agent(collector_.port(), "tokyo", on_disk());
  for (int i = 0; i < 10; ++i) agent.measure("");
  agent.start();
  // All that is not committed, sent or not.
  ASSERT_TRUE(eventually([&] { return collector_.count() == 110; }));
  EXPECT_THAT(collector_.results(before), IsEmpty());
  EXPECT_TRUE(eventually([&] { return agent.spool().is_empty(); }));
  expect_whole(agent.spool().boot(), 110);
}

// Regression: somebody who pressed the button waited for all that the agent still had to deliver.
TEST_F(AgentDeliveryTest, TheResultOfATestComesBeforeItsTurn) {
  collector_.acknowledge([](std::uint64_t) { return std::nullopt; });
  Agent agent(collector_.port(), "tokyo", on_disk());
  for (int i = 0; i < 3'000; ++i) agent.measure("");
  agent.start();
  ASSERT_TRUE(eventually([&] { return collector_.count() == 1'000; }));
  agent.measure("test");
  const std::uint64_t boot = agent.spool().boot();
  ASSERT_TRUE(eventually([&] { return collector_.results(boot).contains(3'001); }));
  EXPECT_EQ(collector_.count(), 1'001U);
  // In its turn it comes again, and is the same.
  collector_.acknowledge(nullptr);
  collector_.stop();
  collector_.say_committed([](std::uint64_t) { return 1'000; });
  collector_.listen();
  ASSERT_TRUE(eventually([&] { return agent.spool().is_empty(); }));
  expect_whole(boot, 3'001);
  EXPECT_THAT(collector_.contradictions(), IsEmpty());
}

// Regression: it was forgotten once it was read, and came only behind all others.
TEST_F(AgentDeliveryTest, TheResultOfATestComesBeforeItsTurnAgainAfterABrokenStream) {
  collector_.acknowledge([](std::uint64_t) { return std::nullopt; });
  Agent agent(collector_.port(), "tokyo", on_disk());
  for (int i = 0; i < 3'000; ++i) agent.measure("");
  agent.start();
  ASSERT_TRUE(eventually([&] { return collector_.count() == 1'000; }));
  agent.measure("test");
  const std::uint64_t boot = agent.spool().boot();
  const auto times = [&] { return std::ranges::count(collector_.arrivals(), 3'001U); };
  ASSERT_TRUE(eventually([&] { return times() == 1; }));
  collector_.stop();
  collector_.say_committed([](std::uint64_t) { return 0; });
  // It was stored before its turn; that is no older copy.
  collector_.say_highest([](std::uint64_t) { return 3'001; });
  collector_.listen();
  ASSERT_TRUE(eventually([&] { return times() == 2; }));
  EXPECT_EQ(collector_.count(), 1'001U);
  EXPECT_EQ(agent.spool().boot(), boot);
}

TEST_F(AgentDeliveryTest, AnswersAPingWithHowManyResultsWereMeasured) {
  Agent agent(collector_.port());
  for (int i = 0; i < 3; ++i) agent.measure("");
  agent.start();
  ASSERT_TRUE(eventually([&] { return collector_.count() == 3; }));
  v1::CollectorMessage ping;
  ping.mutable_clock_ping()->set_collector_sent_us(5);
  collector_.send(ping);
  ASSERT_TRUE(eventually([&] { return collector_.pongs().size() == 1; }));
  EXPECT_EQ(collector_.pongs()[0].last_sequence(), 3U);
}

// A collector that makes no sense is not asked all the time.
TEST_F(AgentDeliveryTest, ACollectorThatAlwaysKnowsMoreIsAskedLessAndLessOften) {
  collector_.say_committed([](std::uint64_t) { return 1'000'000; });
  Agent agent(collector_.port(), "tokyo", on_disk());
  agent.measure("");
  const auto begun = std::chrono::steady_clock::now();
  agent.start();
  ASSERT_TRUE(eventually([&] { return collector_.boots().size() >= 6; }));
  EXPECT_GE(std::chrono::steady_clock::now() - begun, 155ms);
  EXPECT_EQ(agent.spooled(), 1U);
}

TEST_F(AgentDeliveryTest, ComesBackWithinTheTimeItWasAskedTo) {
  Agent agent(collector_.port());
  agent.start();
  ASSERT_TRUE(eventually([&] { return agent.connections() == 1; }));
  v1::CollectorMessage message;
  message.mutable_come_back()->set_within_us(600'000);
  collector_.send(message);
  std::this_thread::sleep_for(50ms);
  collector_.stop();
  collector_.listen();
  EXPECT_TRUE(eventually([&] { return agent.connections() == 2; }, 3s));
}

TEST_F(AgentDeliveryTest, AnAgentThatIsToComeBackLaterStopsAtOnce) {
  Agent agent(collector_.port());
  agent.start();
  ASSERT_TRUE(eventually([&] { return agent.connections() == 1; }));
  v1::CollectorMessage message;
  message.mutable_come_back()->set_within_us(~0ULL);
  collector_.send(message);
  std::this_thread::sleep_for(50ms);
  collector_.stop();
  const auto begun = std::chrono::steady_clock::now();
  agent.stop(10s);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
}

TEST_F(AgentDeliveryTest, AResultThatCannotBeReadIsReplacedByAGapUnderANewName) {
  std::uint64_t before = 0;
  {
    Agent agent(collector_.port(), "tokyo", on_disk());
    for (int i = 0; i < 5; ++i) agent.measure("");
    ASSERT_TRUE(agent.spool().flush(10s));
    before = agent.spool().boot();
  }
  ASSERT_TRUE(Database::open(folder_ / "spool.db", Database::Access::kReadWrite)
                  .value()
                  .execute("UPDATE record SET bytes = 'x' WHERE sequence = 3"));
  Agent agent(collector_.port(), "tokyo", on_disk());
  agent.start();
  ASSERT_TRUE(eventually([&] { return collector_.count() == 1; }));
  EXPECT_THAT(collector_.results(before), IsEmpty());
  expect_whole(agent.spool().boot(), 5);
  EXPECT_TRUE(eventually([&] {
    const auto statuses = collector_.statuses();
    return !statuses.empty() && statuses.back().set_aside_at.has_value();
  }));
}

}  // namespace
}  // namespace firstbyte::stream_test
