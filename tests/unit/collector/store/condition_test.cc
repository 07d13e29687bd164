// How agents are, across restarts of the collector; what came late.
#include <gmock/gmock.h>

#include <algorithm>

#include "tests/unit/collector/store/store_fixture.h"

namespace firstbyte::collector::store_test {
namespace {

using testing::IsEmpty;

const AgentCondition kCondition{
    .spool = AgentCondition::Spool{{.results = 12,
                                    .bytes = 65'536,
                                    .oldest_measured_at = at(1'700'000'000'000'000),
                                    .lost = 3,
                                    .error = "the disk is full",
                                    .set_aside_at = at(1'600'000'000'000'000)},
                                   at(1'700'000'009'000'000)},
    .clock = AgentCondition::Clock{{Micros{-180}, Micros{240}}, at(1'700'000'010'000'000)}};

class StoreConditionTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    ASSERT_TRUE(record(*store_, kNewYork, "0.1.0", at(5)));
  }
  Expected<> tell(const AgentCondition& condition) {
    return await<void>([&](auto done) { store_->record_condition(kNewYork.id, condition, done); });
  }
  Expected<> step(const ClockStep& step) {
    return await<void>([&](auto done) { store_->record_clock_step(kNewYork.id, step, done); });
  }
  AgentRecord agent() { return store_->agents().value().at(0); }
};

TEST_F(StoreConditionTest, AnAgentThatSaidNothingHasNone) {
  EXPECT_EQ(agent().condition, AgentCondition{});
  EXPECT_EQ(agent().lost_results, 0U);
  EXPECT_THAT(agent().gaps, IsEmpty());
  EXPECT_THAT(agent().clock_steps, IsEmpty());
}

TEST_F(StoreConditionTest, TheLastOneIsThereAfterARestart) {
  ASSERT_TRUE(tell({}));
  ASSERT_TRUE(tell(kCondition));
  reopen();
  EXPECT_EQ(agent().condition, kCondition);
}

TEST_F(StoreConditionTest, WhatIsNotToldStaysAsItWas) {
  ASSERT_TRUE(tell(kCondition));
  AgentCondition clock;
  clock.clock = {{Micros{5}, Micros{6}}, at(1'700'000'020'000'000)};
  ASSERT_TRUE(tell(clock));
  EXPECT_EQ(agent().condition, (AgentCondition{kCondition.spool, clock.clock}));
  AgentCondition spool;
  spool.spool = AgentCondition::Spool{{}, at(1'700'000'030'000'000)};
  ASSERT_TRUE(tell(spool));
  EXPECT_EQ(agent().condition, (AgentCondition{spool.spool, clock.clock}));
}

TEST_F(StoreConditionTest, OfAClocksStepsTheLatestAreToldNewestFirst) {
  std::vector<ClockStep> steps;
  for (int i = 1; i <= 7; ++i) {
    steps.insert(steps.begin(), {at(100 - i), Micros{1'000'000 * i}, Micros{i}});
    ASSERT_TRUE(step(steps.front()));
  }
  steps.resize(5);
  EXPECT_EQ(agent().clock_steps, steps);
}

TEST_F(StoreConditionTest, AResultKeepsAllItsThreeTimes) {
  ASSERT_TRUE(append(*store_, batch_of(kNewYork, {{1, finished("")}, {2, failed("")}})));
  EXPECT_EQ(number("SELECT measured_at_us FROM result WHERE sequence = 1"), 1'700'000'001'000'000);
  EXPECT_EQ(number("SELECT corrected_at_us FROM result WHERE sequence = 1"), 1'700'000'001'001'234);
  EXPECT_EQ(number("SELECT received_at_us FROM result WHERE sequence = 1"), 1'700'000'001'500'000);
  // Nothing was known of the clock.
  EXPECT_EQ(number("SELECT corrected_at_us IS NULL FROM result WHERE sequence = 2"), 1);
}

// ---- results that come when their city had ended

class StoreLateTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    ASSERT_TRUE(create(*store_, test_with("t1", {kNewYork})));
  }
  void end(CityState state, Micros elapsed = Micros{9}) {
    ASSERT_TRUE(settle(*store_, {"t1", kNewYork.id, state, elapsed}).value());
  }
  // So long after the deadline.
  ReceivedMeasurement past_deadline(Micros by) {
    ReceivedMeasurement received = finished("t1");
    received.received_at = at(1'700'000'010'123'456) + by;
    return received;
  }
  bool settles(const ReceivedMeasurement& received) {
    return !append(*store_, batch_of(kNewYork, {{++sequence_, received}})).value().settled.empty();
  }
  TestCity city() { return load("t1").cities.at(0); }

  std::uint64_t sequence_ = 0;
};

TEST_F(StoreLateTest, AResultOfACityThatWentOfflineCountsUntilTheDeadline) {
  end(CityState::kOffline);
  EXPECT_TRUE(settles(past_deadline(Micros{0})));
  EXPECT_EQ(city().state, CityState::kFinished);
  EXPECT_EQ(city().received, past_deadline(Micros{0}));
  EXPECT_EQ(city().late, std::nullopt);
}

TEST_F(StoreLateTest, AfterTheDeadlineItIsKeptAsLateAndTheCityStaysAsItIs) {
  end(CityState::kOffline);
  EXPECT_FALSE(settles(past_deadline(Micros{1})));
  EXPECT_EQ(city().state, CityState::kOffline);
  EXPECT_EQ(city().received, std::nullopt);
  EXPECT_EQ(city().late, past_deadline(Micros{1}));
}

TEST_F(StoreLateTest, AResultOfACityThatTimedOutIsLateHoweverSoonItComes) {
  end(CityState::kTimedOut);
  EXPECT_FALSE(settles(finished("t1")));
  EXPECT_EQ(city().state, CityState::kTimedOut);
  EXPECT_EQ(city().late, finished("t1"));
}

TEST_F(StoreLateTest, TheFirstLateResultIsTheOneThatIsShown) {
  end(CityState::kTimedOut);
  EXPECT_FALSE(settles(finished("t1")));
  EXPECT_FALSE(settles(failed("t1")));
  EXPECT_EQ(city().late, finished("t1"));
  EXPECT_EQ(number("SELECT count(*) FROM result"), 2);
}

TEST_F(StoreLateTest, ASecondResultOfACityThatHasOneIsNotLate) {
  EXPECT_TRUE(settles(finished("t1")));
  EXPECT_FALSE(settles(past_deadline(Micros{1})));
  EXPECT_EQ(city().late, std::nullopt);
}

// Nobody asked it: it was not connected when the test began.
TEST_F(StoreLateTest, AResultOfAnAgentThatWasNeverAskedIsAMeasurementAndNoMore) {
  end(CityState::kOffline, Micros{0});
  EXPECT_FALSE(settles(finished("t1")));
  EXPECT_EQ(city().state, CityState::kOffline);
  EXPECT_EQ(city().late, std::nullopt);
  EXPECT_EQ(number("SELECT count(*) FROM result"), 1);
}

TEST_F(StoreLateTest, AResultWithoutItsStateIsAnError) {
  end(CityState::kOffline);
  EXPECT_FALSE(settles(past_deadline(Micros{1})));
  execute("UPDATE test_city SET state = 'finished'");
  EXPECT_FALSE(store_->load_test("t1"));
}

}  // namespace
}  // namespace firstbyte::collector::store_test
