#include "collector/ingest/clock_filter.h"

#include <gtest/gtest.h>

#include <random>

namespace firstbyte::collector {
namespace {

// A ping over a network with these delays to an agent whose clock is `ahead`, and which answers
// after `held`.
ClockSample sample(std::int64_t ahead, std::int64_t there, std::int64_t back,
                   std::int64_t held = 0) {
  const WallTime sent{Micros{1'790'000'000'000'000}};
  const WallTime received = sent + Micros{there + ahead};
  return {sent, received, received + Micros{held}, sent + Micros{there + held + back}};
}

ClockOffset estimate_of(std::initializer_list<ClockSample> samples) {
  ClockFilter filter;
  for (const ClockSample& s : samples) filter.add(s);
  return filter.estimate().value();
}

TEST(ClockFilter, KnowsNothingBeforeTheFirstSample) { EXPECT_FALSE(ClockFilter().estimate()); }

TEST(ClockFilter, IsExactWhenBothWaysTakeTheSame) {
  EXPECT_EQ(estimate_of({sample(1'234, 500, 500)}).offset, Micros{1'234});
}

TEST(ClockFilter, AClockThatIsBehindHasANegativeOffset) {
  EXPECT_EQ(estimate_of({sample(-5'000, 500, 500)}).offset, Micros{-5'000});
}

TEST(ClockFilter, TheErrorIsHalfTheWayThereAndBack) {
  EXPECT_EQ(estimate_of({sample(0, 300, 700)}).error, Micros{500});
}

TEST(ClockFilter, TheAgentsOwnTimeIsNotPartOfTheWay) {
  EXPECT_EQ(estimate_of({sample(0, 300, 300, 90'000)}), (ClockOffset{Micros{0}, Micros{300}}));
}

TEST(ClockFilter, TakesTheSampleWithTheShortestWay) {
  const ClockOffset estimate =
      estimate_of({sample(100, 900, 30'000), sample(100, 400, 400), sample(100, 80'000, 900)});
  EXPECT_EQ(estimate, (ClockOffset{Micros{100}, Micros{400}}));
}

TEST(ClockFilter, ALopsidedWayIsWithinTheError) {
  const ClockOffset estimate = estimate_of({sample(0, 0, 1'000)});
  EXPECT_EQ(estimate, (ClockOffset{Micros{-500}, Micros{500}}));
}

TEST(ClockFilter, TheErrorBoundsTheTruthWhateverTheWays) {
  std::mt19937_64 random(7);
  std::uniform_int_distribution<std::int64_t> way(0, 200'000);
  std::uniform_int_distribution<std::int64_t> clock(-3'600'000'000, 3'600'000'000);
  for (int i = 0; i < 2'000; ++i) {
    const std::int64_t ahead = clock(random);
    ClockFilter filter;
    for (int n = 0; n < 12; ++n) filter.add(sample(ahead, way(random), way(random), way(random)));
    const ClockOffset estimate = filter.estimate().value();
    // One microsecond is lost when an odd number is halved.
    EXPECT_LE(std::abs(estimate.offset.count() - ahead), estimate.error.count() + 1);
  }
}

TEST(ClockFilter, ASampleDuringWhichAClockWasSetBackIsIgnored) {
  ClockFilter filter;
  filter.add(sample(0, 300, 300));
  ClockSample stepped = sample(0, 300, 300);
  stepped.collector_received -= std::chrono::hours{1};
  filter.add(stepped);
  EXPECT_EQ(filter.estimate(), (ClockOffset{Micros{0}, Micros{300}}));
}

TEST(ClockFilter, FollowsAClockThatWasSetAfterEightPings) {
  ClockFilter filter;
  filter.add(sample(0, 100, 100));
  for (int i = 0; i < 7; ++i) filter.add(sample(60'000'000, 300, 300));
  EXPECT_EQ(filter.estimate()->offset, Micros{0});
  filter.add(sample(60'000'000, 300, 300));
  EXPECT_EQ(filter.estimate()->offset, Micros{60'000'000});
}

}  // namespace
}  // namespace firstbyte::collector
