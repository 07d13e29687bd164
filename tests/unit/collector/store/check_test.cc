// Checks: who has them, whose results count as theirs, and how many slots have come.
#include <gmock/gmock.h>

#include "tests/unit/collector/store/store_fixture.h"

namespace firstbyte::collector::store_test {
namespace {

using testing::SizeIs;
using namespace std::chrono_literals;

constexpr WallTime kSince{Micros{1'700'000'000'000'000}};
constexpr std::uint64_t kFront = 0xfedcba9876543210;  // above what is positive in SQLite

Check front(Micros interval = 500ms) {
  return {.id = kFront,
          .name = "front",
          .target = {.url = "https://demo.example/"},
          .interval = interval,
          .offset = 20ms};
}

ReceivedMeasurement of_slot(WallTime at, Micros late = {}, std::uint64_t skipped = 0,
                            std::uint64_t check = kFront) {
  ReceivedMeasurement received = finished("");
  received.measurement.slot = CheckSlot{check, at, late, skipped, false};
  received.clock.reset();
  return received;
}

class StoreCheckTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    ASSERT_TRUE(record(*store_, kNewYork, "0.1.0", kSince));
    ASSERT_TRUE(record(*store_, kSaoPaulo, "0.1.0", kSince));
  }
  void assign(const AgentIdentity& agent, const std::vector<Check>& checks, WallTime at = kSince) {
    ASSERT_TRUE(
        await<void>([&](auto done) { store_->assign(agent.id, checks, at, std::move(done)); }));
  }
  // In one batch, behind those before.
  void deliver(const AgentIdentity& agent, const std::vector<ReceivedMeasurement>& results) {
    std::vector<SequencedMeasurement> numbered;
    for (const ReceivedMeasurement& result : results) numbered.push_back({++sequence_, result});
    ASSERT_TRUE(append(*store_, batch_of(agent, numbered)));
  }
  CheckRecord only() {
    const auto records = store_->check_records().value();
    EXPECT_THAT(records, SizeIs(1));
    return records.empty() ? CheckRecord{} : records.front();
  }

  std::uint64_t sequence_ = 0;
};

TEST_F(StoreCheckTest, AnAssignmentIsThereBeforeItsFirstResult) {
  assign(kNewYork, {front()});
  EXPECT_EQ(only(), (CheckRecord{.check = kFront, .agent = kNewYork, .since = kSince}));
}

TEST_F(StoreCheckTest, ResultsAreCountedBySlot) {
  assign(kNewYork, {front()});
  deliver(kNewYork, {of_slot(kSince + 20ms), of_slot(kSince + 520ms, 50ms),
                     of_slot(kSince + 2'020ms, 51ms, 2)});
  const CheckRecord record = only();
  EXPECT_EQ(record.stored, 3U);
  EXPECT_EQ(record.late, 1U);
  EXPECT_EQ(record.skipped, 2U);
  const ReceivedMeasurement result = finished("");
  EXPECT_EQ(record.last, (CheckRecord::Last{.scheduled_at = kSince + 2'020ms,
                                            .measured_at = result.measurement.measured_at,
                                            .received_at = result.received_at,
                                            .status = 200,
                                            .ttfb = result.measurement.timings.ttfb(),
                                            .total = result.measurement.timings.total()}));
}

TEST_F(StoreCheckTest, AResultKeepsItsSlot) {
  assign(kNewYork, {front()});
  ReceivedMeasurement result = of_slot(kSince + 20ms, 310us, 7);
  result.measurement.slot->clock_set = true;
  deliver(kNewYork, {result});
  EXPECT_EQ(number("SELECT count(*) FROM result JOIN assignment ON assignment.id = assignment_id "
                   "WHERE test_id IS NULL AND scheduled_at_us = 1700000000020000 "
                   "AND late_us = 310 AND result.skipped = 7 AND clock_set = 1"),
            1);
}

TEST_F(StoreCheckTest, AFailureIsTheLastResultToo) {
  assign(kNewYork, {front()});
  ReceivedMeasurement result = failed("");
  result.measurement.slot = CheckSlot{.check = kFront, .scheduled_at = kSince + 20ms};
  deliver(kNewYork, {result});
  ASSERT_TRUE(only().last);
  EXPECT_EQ(only().last->failure->cause, Cause::kTimeout);
  EXPECT_EQ(only().last->status, std::nullopt);
}

TEST_F(StoreCheckTest, WhatIsSentTwiceCountsOnce) {
  assign(kNewYork, {front()});
  const auto batch = batch_of(kNewYork, {{1, of_slot(kSince + 20ms)}});
  ASSERT_TRUE(append(*store_, batch));
  ASSERT_TRUE(append(*store_, batch));
  EXPECT_EQ(only().stored, 1U);
}

// ---- a result is accepted only from an agent it was asked of

TEST_F(StoreCheckTest, AResultOfAnotherAgentIsNoOnesCheck) {
  assign(kNewYork, {front()});
  deliver(kSaoPaulo, {of_slot(kSince + 20ms), of_slot(kSince + 20ms, {}, 0, 3)});
  EXPECT_EQ(only().stored, 0U);
  EXPECT_EQ(number("SELECT count(*) FROM result WHERE assignment_id IS NULL "
                   "AND scheduled_at_us IS NULL"),
            2);
}

TEST_F(StoreCheckTest, AResultThatComesWhenItsCheckHasEndedIsStillTheChecks) {
  assign(kNewYork, {front()});
  assign(kNewYork, {}, kSince + 1h);
  reopen();
  EXPECT_THAT(store_->check_records().value(), SizeIs(0));
  deliver(kNewYork, {of_slot(kSince + 20ms)});
  EXPECT_EQ(number("SELECT count(*) FROM result WHERE assignment_id IS NOT NULL"), 1);
}

// ---- assigned again

TEST_F(StoreCheckTest, TheSameAssignmentAgainChangesNothing) {
  assign(kNewYork, {front()});
  deliver(kNewYork, {of_slot(kSince + 20ms)});
  assign(kNewYork, {front()}, kSince + 1h);
  EXPECT_EQ(only().since, kSince);
  EXPECT_EQ(only().stored, 1U);
}

TEST_F(StoreCheckTest, WhatWasEndedBeginsAnew) {
  assign(kNewYork, {front()});
  deliver(kNewYork, {of_slot(kSince + 20ms)});
  assign(kNewYork, {}, kSince + 1h);
  assign(kNewYork, {front()}, kSince + 2h);
  EXPECT_EQ(only().since, kSince + 2h);
  EXPECT_EQ(only().stored, 0U);
  deliver(kNewYork, {of_slot(kSince + 1min), of_slot(kSince + 2h + 20ms)});
  EXPECT_EQ(only().stored, 1U);
}

// Regression: what the first result after an assignment tells as skipped was counted whole, so that
// as many slots of the present that bring nothing did not show.
TEST_F(StoreCheckTest, SlotsThatWereSkippedBeforeItBeganAnewAreNotCounted) {
  assign(kNewYork, {front()});
  assign(kNewYork, {}, kSince + 1h);
  assign(kNewYork, {front()}, kSince + 2h);
  deliver(kNewYork, {of_slot(kSince + 1h, {}, 3), of_slot(kSince + 2h + 1'020ms, {}, 1'000)});
  EXPECT_EQ(only().stored, 1U);
  EXPECT_EQ(only().skipped, 2U);
  deliver(kNewYork, {of_slot(kSince + 2h + 5'020ms, {}, 7)});
  EXPECT_EQ(only().skipped, 9U);
}

TEST_F(StoreCheckTest, SlotsAreComparedByThisCollectorsClock) {
  assign(kNewYork, {front()});
  ReceivedMeasurement ahead = of_slot(kSince + 5min);
  ahead.clock = ClockOffset{10min, 1ms};
  ReceivedMeasurement behind = of_slot(kSince - 5min);
  behind.clock = ClockOffset{-10min, 1ms};
  deliver(kNewYork, {ahead, behind});
  EXPECT_EQ(only().stored, 1U);
}

TEST_F(StoreCheckTest, ADescriptionOutlivesItsCheckWithoutItsSecrets) {
  Check secret = front();
  secret.target.headers = {{"authorization", "Bearer 1"}};
  assign(kNewYork, {secret});
  EXPECT_EQ(number("SELECT count(*) FROM check_version WHERE name = 'front' "
                   "AND interval_us = 500000 AND target LIKE '%<redacted>%' "
                   "AND target NOT LIKE '%Bearer%'"),
            1);
}

}  // namespace
}  // namespace firstbyte::collector::store_test
