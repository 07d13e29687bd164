#include "collector/ingest/clock_filter.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "tests/fakes/manual_clock.h"

namespace firstbyte::collector {
namespace {

using namespace std::chrono_literals;

class ClockFilterTest : public testing::Test {
 protected:
  // A ping over a network with these delays to an agent whose clock is `ahead`, and which answers
  // after `held`.
  std::optional<ClockStep> ping(Micros ahead, Micros there, Micros back, Micros held = 0us) {
    const WallTime sent = clock_.wall();
    filter_.sent(sent, clock_.now());
    clock_.advance(there);
    const WallTime received = clock_.wall() + ahead;
    clock_.advance(held);
    const WallTime answered = clock_.wall() + ahead;
    clock_.advance(back);
    return filter_.answered({sent, received, answered, boot_, measured_}, clock_.wall(),
                            clock_.now());
  }
  ResultClock for_results() { return filter_.for_results(boot_, clock_.now()); }
  ClockOffset estimate() { return filter_.estimate(clock_.now()).value(); }

  fakes::ManualClock clock_;
  ClockFilter filter_;
  std::uint64_t boot_ = 7;
  std::uint64_t measured_ = 0;  // results by the time of an answer
};

TEST_F(ClockFilterTest, KnowsNothingBeforeTheFirstAnswer) {
  filter_.sent(clock_.wall(), clock_.now());
  EXPECT_FALSE(filter_.estimate(clock_.now()));
}

TEST_F(ClockFilterTest, IsExactWhenBothWaysTakeTheSame) {
  ping(1'234us, 500us, 500us);
  EXPECT_EQ(estimate().offset, 1'234us);
}

TEST_F(ClockFilterTest, AClockThatIsBehindHasANegativeOffset) {
  ping(-5'000us, 500us, 500us);
  EXPECT_EQ(estimate().offset, -5'000us);
}

// Half of the way, three microseconds for whole numbers, one for the drift over it.
TEST_F(ClockFilterTest, TheErrorIsHalfTheWayThereAndBack) {
  ping(0us, 300us, 700us);
  EXPECT_EQ(estimate().error, 504us);
}

TEST_F(ClockFilterTest, TheAgentsOwnTimeIsNotPartOfTheWay) {
  ping(0us, 300us, 300us, 9'000us);
  EXPECT_EQ(estimate(), (ClockOffset{0us, 300us + 3us + 2us}));
}

TEST_F(ClockFilterTest, TakesTheReadingThatBoundsItBest) {
  ping(100us, 900us, 30'000us);
  ping(100us, 400us, 400us);
  ping(100us, 80'000us, 900us);
  EXPECT_EQ(estimate().offset, 100us);
  EXPECT_LT(estimate().error, 430us);
}

TEST_F(ClockFilterTest, ALopsidedWayIsWithinTheError) {
  ping(0us, 0us, 1'000us);
  EXPECT_EQ(estimate(), (ClockOffset{-500us, 504us}));
}

TEST_F(ClockFilterTest, TheErrorGrowsWithTheDriftUntilTheNextAnswer) {
  ping(0us, 300us, 300us);
  clock_.advance(10s);
  EXPECT_EQ(estimate().error, 300us + 3us + 2'001us);
  ping(0us, 1'000us, 1'000us);
  EXPECT_LT(estimate().error, 1'010us);
}

TEST_F(ClockFilterTest, WhatHappenedEarlierIsKnownLessWell) {
  EXPECT_EQ(ClockFilter::aged({5us, 100us}, 1h), (ClockOffset{5us, 100us + 720ms}));
  EXPECT_EQ(ClockFilter::aged({5us, 100us}, -1h), (ClockOffset{5us, 100us}));
}

TEST_F(ClockFilterTest, AnAnswerToNoPingOfOursIsPassedOver) {
  EXPECT_FALSE(filter_.answered({clock_.wall(), clock_.wall() + 1h, clock_.wall() + 1h},
                                clock_.wall(), clock_.now()));
  EXPECT_FALSE(filter_.estimate(clock_.now()));
}

TEST_F(ClockFilterTest, ASecondAnswerToTheSamePingIsPassedOver) {
  const WallTime sent = clock_.wall();
  ping(0us, 300us, 300us);
  EXPECT_FALSE(filter_.answered({sent, sent + 1h, sent + 1h}, clock_.wall(), clock_.now()));
  EXPECT_EQ(estimate().offset, 0us);
}

TEST_F(ClockFilterTest, AnAnswerDuringWhichTheAgentsClockWasSetIsPassedOver) {
  ping(0us, 300us, 300us);
  const WallTime sent = clock_.wall();
  filter_.sent(sent, clock_.now());
  clock_.advance(600us);
  EXPECT_FALSE(
      filter_.answered({sent, sent + 300us, sent + 300us + 1h}, clock_.wall(), clock_.now()));
  EXPECT_EQ(estimate().offset, 0us);
}

TEST_F(ClockFilterTest, AStepIsNoticedWithTheNextAnswerAndTheFilterStartsOver) {
  for (int i = 0; i < 8; ++i) EXPECT_FALSE(ping(0us, 100us, 100us));
  clock_.advance(5s);
  const auto step = ping(60s, 30'000us, 30'000us);
  ASSERT_TRUE(step);
  EXPECT_EQ(step->by, 60s);
  EXPECT_EQ(step->at, clock_.wall());
  EXPECT_GT(step->error, 31ms);  // half of the way, and the drift of five seconds
  EXPECT_EQ(estimate().offset, 60s);
  EXPECT_FALSE(ping(60s, 100us, 100us));
}

TEST_F(ClockFilterTest, AStepOfTheCollectorsClockIsOneTheOtherWay) {
  ping(0us, 100us, 100us);
  clock_.step_wall(1h);
  const auto step = ping(-1h, 100us, 100us);
  ASSERT_TRUE(step);
  EXPECT_EQ(step->by, -1h);
}

// The way there and back is measured by the clock that nobody sets.
TEST_F(ClockFilterTest, ACollectorsClockThatIsSetDuringAPingDoesNotSpoilIt) {
  const WallTime sent = clock_.wall();
  filter_.sent(sent, clock_.now());
  clock_.advance(300us);
  const WallTime agent = clock_.wall();  // the agent's clock was right until then
  clock_.step_wall(-200us);
  clock_.advance(300us);
  filter_.answered({sent, agent, agent}, clock_.wall(), clock_.now());
  EXPECT_EQ(estimate().offset, 200us);
}

// Regression: a result that was spooled before the clock was set got the offset from after it.
TEST_F(ClockFilterTest, OfWhatWasMeasuredBeforeAStepWasNoticedNothingIsKnown) {
  measured_ = 40;
  ping(0us, 100us, 100us);
  // The clock may have been set before there was anything to compare with.
  EXPECT_EQ(for_results().unknown_up_to, 40U);
  for (const Micros ahead : {Micros{1h}, Micros{-1h}}) {
    measured_ += 10;
    ping(ahead, 100us, 100us);
    EXPECT_EQ(for_results().unknown_up_to, measured_);
    EXPECT_EQ(for_results().offset->offset, ahead);
    ping(ahead, 100us, 100us);
    EXPECT_EQ(for_results().unknown_up_to, measured_);
  }
}

TEST_F(ClockFilterTest, WhatAnEarlierRunKnewIsComparedWithTheFirstAnswer) {
  measured_ = 40;
  filter_ = ClockFilter({1h, 5ms}, true, clock_.now());
  filter_.resume();
  EXPECT_FALSE(ping(1h + 4ms, 100us, 100us));
  EXPECT_EQ(for_results().unknown_up_to, 0U);
  filter_ = ClockFilter({1h, 5ms}, true, clock_.now());
  EXPECT_EQ(ping(1h + 7ms, 100us, 100us)->by, 7ms);
  EXPECT_EQ(for_results().unknown_up_to, 40U);
  // Some of what it did not know may still come.
  filter_ = ClockFilter({1h, 5ms}, false, clock_.now());
  EXPECT_FALSE(ping(1h, 100us, 100us));
  EXPECT_EQ(for_results().unknown_up_to, 40U);
}

TEST_F(ClockFilterTest, UnderAnotherNameResultsOfBeforeAStepHaveOtherNumbers) {
  measured_ = 40;
  ping(0us, 100us, 100us);
  ping(1h, 100us, 100us);
  boot_ = 8;
  EXPECT_FALSE(for_results().offset);
  measured_ = 5;
  ping(1h, 100us, 100us);
  EXPECT_EQ(for_results().unknown_up_to, 5U);
  EXPECT_EQ(for_results().offset->offset, Micros{1h});
}

TEST_F(ClockFilterTest, OfResultsOnANewStreamNothingIsKnownBeforeItsFirstAnswer) {
  ping(0us, 100us, 100us);
  filter_.resume();
  EXPECT_FALSE(for_results().offset);
  EXPECT_EQ(estimate().offset, 0us);
  ping(0us, 100us, 100us);
  EXPECT_EQ(for_results().offset->offset, 0us);
}

TEST_F(ClockFilterTest, ADriftWithinTheBoundIsNoStep) {
  Micros ahead{0};
  for (int i = 0; i < 1'000; ++i) {
    EXPECT_FALSE(ping(ahead, 50us, 50us));
    clock_.advance(5s);
    ahead += 1'000us;  // 200 parts of a million
  }
}

// Whatever the ways, the drift and the steps: from the first answer after a step on, the truth lies
// within the error, at any moment.
TEST_F(ClockFilterTest, TheErrorBoundsTheTruth) {
  std::mt19937_64 random(7);
  const auto between = [&](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution(low, high)(random);
  };
  for (int agent = 0; agent < 200; ++agent) {
    filter_ = {};
    const double rate =
        static_cast<double>(between(-ClockFilter::kDriftPpm, ClockFilter::kDriftPpm)) / 1e6;
    double ahead = static_cast<double>(between(-3'600'000'000, 3'600'000'000));
    const std::int64_t longest = between(1, 400'000);
    const auto pass = [&](std::int64_t us) {
      clock_.advance(Micros{us});
      ahead += rate * static_cast<double>(us);
    };
    const auto theirs = [&] { return clock_.wall() + Micros{std::llround(std::floor(ahead))}; };
    for (int n = 0; n < 60; ++n) {
      bool stepped = false;
      if (n > 0 && between(0, 9) == 0) {
        // More than two readings can be wrong together, either way, after the longest pause.
        const std::int64_t by = between(2'000'000, 3'600'000'000);
        ahead += static_cast<double>(between(0, 1) == 0 ? by : -by);
        stepped = true;
      }
      const WallTime sent = clock_.wall();
      filter_.sent(sent, clock_.now());
      pass(between(0, longest));
      const WallTime received = theirs();
      pass(between(0, 100'000));
      const WallTime answered = theirs();
      pass(between(0, longest));
      const auto step = filter_.answered({sent, received, answered}, clock_.wall(), clock_.now());
      ASSERT_EQ(step.has_value(), stepped) << "agent " << agent << ", ping " << n;
      for (int look = 0; look < 3; ++look) {
        ASSERT_LE(std::abs(static_cast<double>(estimate().offset.count()) - ahead),
                  static_cast<double>(estimate().error.count()))
            << "agent " << agent << ", ping " << n;
        pass(between(0, 5'000'000));
      }
    }
  }
}

}  // namespace
}  // namespace firstbyte::collector
