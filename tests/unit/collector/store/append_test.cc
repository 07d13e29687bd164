// Nothing lost, nothing twice, and who ends a city.
#include <gmock/gmock.h>

#include <algorithm>
#include <limits>

#include "tests/unit/collector/store/store_fixture.h"

namespace firstbyte::collector::store_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class StoreAppendTest : public StoreTest {
 protected:
  std::int64_t results() { return number("SELECT count(*) FROM result"); }
};

TEST_F(StoreAppendTest, AcknowledgesUpToTheLastOfTheBatch) {
  const auto commit =
      append(*store_, batch_of(kNewYork, {{1, finished("")}, {2, failed("")}, {5, finished("")}}));
  ASSERT_TRUE(commit);
  EXPECT_EQ(commit->acknowledged, 5U);
  EXPECT_EQ(store_->cursor(kNewYork.id, 7).value(), 5U);
}

TEST_F(StoreAppendTest, TheSameBatchTwiceIsStoredOnce) {
  const auto batch = batch_of(kNewYork, {{1, finished("")}, {2, finished("")}});
  ASSERT_TRUE(append(*store_, batch));
  const auto again = append(*store_, batch);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->acknowledged, 2U);
  EXPECT_EQ(results(), 2);
  EXPECT_EQ(store_->stats().results_stored, 2U);
  EXPECT_EQ(store_->stats().duplicates_ignored, 2U);
}

TEST_F(StoreAppendTest, OfAnOverlappingBatchOnlyTheNewPartIsStored) {
  ASSERT_TRUE(append(*store_, batch_of(kNewYork, {{1, finished("")}, {2, finished("")}})));
  const auto commit = append(*store_, batch_of(kNewYork, {{2, finished("")}, {3, failed("")}}));
  ASSERT_TRUE(commit);
  EXPECT_EQ(commit->acknowledged, 3U);
  EXPECT_EQ(results(), 3);
}

TEST_F(StoreAppendTest, AnOldBatchIsAcknowledgedUpToTheCursor) {
  ASSERT_TRUE(append(*store_, batch_of(kNewYork, {{4, finished("")}})));
  EXPECT_EQ(append(*store_, batch_of(kNewYork, {{2, finished("")}})).value().acknowledged, 4U);
  EXPECT_EQ(append(*store_, batch_of(kNewYork, {{2, finished("")}})).value().acknowledged, 4U);
  EXPECT_EQ(results(), 2);
}

TEST_F(StoreAppendTest, AnEmptyBatchAcknowledgesTheCursor) {
  ASSERT_TRUE(append(*store_, batch_of(kNewYork, {{4, finished("")}})));
  EXPECT_EQ(append(*store_, batch_of(kNewYork, {})).value().acknowledged, 4U);
}

// Regression: a batch that could not be stored became a gap by the next one of its stream, though
// the agent still had it; and the cursor told the agent to forget it.
TEST_F(StoreAppendTest, WhatFollowsABatchThatIsNotStoredIsRefusedAndTouchesNothing) {
  ASSERT_TRUE(append(*store_, batch_of(kNewYork, {{1, finished("")}, {2, finished("")}})));
  ResultBatch next = batch_of(kNewYork, {{5, finished("")}, {6, finished("")}});
  next.follows = 4;
  const auto refused = append(*store_, next);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Error::Kind::kInvalid);
  EXPECT_EQ(refused.error().field, "");
  EXPECT_EQ(refused.error().message,
            "agent agent-ny goes on after 4, and only what is up to 2 is stored");
  EXPECT_EQ(results(), 2);
  EXPECT_EQ(number("SELECT count(*) FROM gap"), 0);
  EXPECT_EQ(store_->cursor(kNewYork.id, 7).value(), 2U);

  ResultBatch missing = batch_of(kNewYork, {{3, finished("")}, {4, finished("")}});
  missing.follows = 2;
  ASSERT_TRUE(append(*store_, missing));
  EXPECT_EQ(append(*store_, next).value().acknowledged, 6U);
}

// What was sent again after a new connection goes on after an older welcome.
TEST_F(StoreAppendTest, ABatchMayFollowWhatIsLongStored) {
  ASSERT_TRUE(append(*store_, batch_of(kNewYork, {{1, finished("")}, {2, finished("")}})));
  ResultBatch again = batch_of(kNewYork, {{2, finished("")}, {3, finished("")}});
  again.follows = 1;
  EXPECT_EQ(append(*store_, again).value().acknowledged, 3U);
}

TEST_F(StoreAppendTest, IsIdempotentAcrossARestart) {
  const auto batch = batch_of(kNewYork, {{1, finished("")}});
  ASSERT_TRUE(append(*store_, batch));
  reopen();
  ASSERT_TRUE(append(*store_, batch));
  EXPECT_EQ(results(), 1);
}

TEST_F(StoreAppendTest, EachBootCountsForItself) {
  const std::uint64_t large = std::numeric_limits<std::uint64_t>::max();
  ASSERT_TRUE(append(*store_, batch_of(kNewYork, {{3, finished("")}}, 1)));
  ASSERT_TRUE(append(*store_, batch_of(kNewYork, {{1, finished("")}}, large)));
  EXPECT_EQ(store_->cursor(kNewYork.id, 1).value(), 3U);
  EXPECT_EQ(store_->cursor(kNewYork.id, large).value(), 1U);
  EXPECT_EQ(results(), 2);
}

TEST_F(StoreAppendTest, EachAgentCountsForItself) {
  ASSERT_TRUE(append(*store_, batch_of(kNewYork, {{3, finished("")}})));
  EXPECT_EQ(append(*store_, batch_of(kSaoPaulo, {{1, finished("")}})).value().acknowledged, 1U);
  EXPECT_EQ(results(), 2);
}

TEST_F(StoreAppendTest, TheCursorOfAnUnknownRunIsZero) {
  EXPECT_EQ(store_->cursor(kNewYork.id, 7).value(), 0U);
}

TEST_F(StoreAppendTest, RefusesSequencesThatDoNotRiseAndStoresNothing) {
  for (const auto& [first, second] : {std::pair{2U, 1U}, std::pair{2U, 2U}, std::pair{0U, 1U}}) {
    const auto commit =
        append(*store_, batch_of(kNewYork, {{first, finished("")}, {second, finished("")}}));
    ASSERT_FALSE(commit);
    EXPECT_EQ(commit.error().kind, Error::Kind::kInvalid);
  }
  EXPECT_EQ(results(), 0);
  EXPECT_EQ(store_->cursor(kNewYork.id, 7).value(), 0U);
}

TEST_F(StoreAppendTest, RefusesASequenceThatSqliteCannotOrder) {
  const auto commit = append(
      *store_, batch_of(kNewYork, {{std::numeric_limits<std::uint64_t>::max(), finished("")}}));
  ASSERT_FALSE(commit);
  EXPECT_EQ(commit.error().kind, Error::Kind::kInvalid);
}

TEST_F(StoreAppendTest, AResultEndsItsCity) {
  ASSERT_TRUE(create(*store_, test_with("t1", {kNewYork, kSaoPaulo})));
  const auto commit = append(*store_, batch_of(kNewYork, {{1, finished("t1")}}));
  ASSERT_TRUE(commit);
  EXPECT_THAT(commit->settled, ElementsAre(finished("t1")));
  EXPECT_EQ(load("t1").cities[0].state, CityState::kFinished);
  EXPECT_EQ(load("t1").cities[1].state, CityState::kDispatched);
}

TEST_F(StoreAppendTest, OneBatchEndsCitiesOfSeveralTests) {
  ASSERT_TRUE(create(*store_, test_with("t1", {kNewYork})));
  ASSERT_TRUE(create(*store_, test_with("t2", {kNewYork})));
  const auto commit = append(
      *store_, batch_of(kNewYork, {{1, finished("t1")}, {2, finished("")}, {3, failed("t2")}}));
  ASSERT_TRUE(commit);
  EXPECT_THAT(commit->settled, ElementsAre(finished("t1"), failed("t2")));
}

TEST_F(StoreAppendTest, AResendSettlesNothingTwice) {
  ASSERT_TRUE(create(*store_, test_with("t1", {kNewYork})));
  ASSERT_TRUE(append(*store_, batch_of(kNewYork, {{1, finished("t1")}})));
  EXPECT_THAT(append(*store_, batch_of(kNewYork, {{1, finished("t1")}})).value().settled,
              IsEmpty());
}

TEST_F(StoreAppendTest, ASecondResultForTheSameCityIsOnlyStored) {
  ASSERT_TRUE(create(*store_, test_with("t1", {kNewYork})));
  const auto commit = append(*store_, batch_of(kNewYork, {{1, finished("t1")}, {2, failed("t1")}}));
  EXPECT_THAT(commit.value().settled, ElementsAre(finished("t1")));
  EXPECT_EQ(load("t1").cities[0].received, finished("t1"));
  EXPECT_EQ(results(), 2);
}

TEST_F(StoreAppendTest, ALateResultIsStoredAndItsCityStaysAsItWas) {
  ASSERT_TRUE(create(*store_, test_with("t1", {kNewYork})));
  ASSERT_TRUE(settle(*store_, {"t1", kNewYork.id, CityState::kTimedOut, Micros{9}}).value());
  const auto commit = append(*store_, batch_of(kNewYork, {{1, finished("t1")}}));
  ASSERT_TRUE(commit);
  EXPECT_THAT(commit->settled, IsEmpty());
  EXPECT_EQ(commit->acknowledged, 1U);
  EXPECT_EQ(load("t1").cities[0].state, CityState::kTimedOut);
  EXPECT_EQ(load("t1").cities[0].elapsed, Micros{9});
  EXPECT_EQ(results(), 1);
}

TEST_F(StoreAppendTest, ASettleAfterTheResultIsTooLate) {
  ASSERT_TRUE(create(*store_, test_with("t1", {kNewYork})));
  ASSERT_TRUE(append(*store_, batch_of(kNewYork, {{1, finished("t1")}})));
  EXPECT_FALSE(settle(*store_, {"t1", kNewYork.id, CityState::kTimedOut, Micros{9}}).value());
  EXPECT_EQ(load("t1").cities[0].state, CityState::kFinished);
}

TEST_F(StoreAppendTest, TheFirstOfTwoSettlesWins) {
  ASSERT_TRUE(create(*store_, test_with("t1", {kNewYork})));
  EXPECT_TRUE(settle(*store_, {"t1", kNewYork.id, CityState::kOffline, Micros{1}}).value());
  EXPECT_FALSE(settle(*store_, {"t1", kNewYork.id, CityState::kTimedOut, Micros{2}}).value());
  EXPECT_EQ(load("t1").cities[0].state, CityState::kOffline);
}

TEST_F(StoreAppendTest, AResultForAnUnknownTestIsStored) {
  const auto commit = append(*store_, batch_of(kNewYork, {{1, finished("who")}}));
  ASSERT_TRUE(commit);
  EXPECT_THAT(commit->settled, IsEmpty());
  EXPECT_EQ(results(), 1);
}

TEST_F(StoreAppendTest, AResultOfAnAgentThatWasNotChosenEndsNoCity) {
  ASSERT_TRUE(create(*store_, test_with("t1", {kNewYork})));
  const auto commit = append(*store_, batch_of(kSaoPaulo, {{1, finished("t1")}}));
  EXPECT_THAT(commit.value().settled, IsEmpty());
  EXPECT_EQ(load("t1"), test_with("t1", {kNewYork}));
  EXPECT_EQ(results(), 1);
}

TEST_F(StoreAppendTest, SettlingACityThatWasNotChosenIsRefused) {
  ASSERT_TRUE(create(*store_, test_with("t1", {kNewYork})));
  const auto settled = settle(*store_, {"t1", kSaoPaulo.id, CityState::kOffline, Micros{1}});
  ASSERT_FALSE(settled);
  EXPECT_EQ(settled.error().message, "agent agent-sp was not chosen in test t1");
}

TEST_F(StoreAppendTest, SettlingAsFinishedWithoutAMeasurementIsRefused) {
  ASSERT_TRUE(create(*store_, test_with("t1", {kNewYork})));
  const auto settled = settle(*store_, {"t1", kNewYork.id, CityState::kFinished, Micros{1}});
  ASSERT_FALSE(settled);
  EXPECT_EQ(settled.error().kind, Error::Kind::kInvalid);
  EXPECT_EQ(load("t1"), test_with("t1", {kNewYork}));
}

}  // namespace
}  // namespace firstbyte::collector::store_test
