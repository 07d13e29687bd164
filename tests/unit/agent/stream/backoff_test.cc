#include "agent/stream/backoff.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

namespace firstbyte::agent {
namespace {

using Millis = Backoff::Millis;

constexpr Millis kFirst{200};
constexpr Millis kMost{30'000};

std::vector<Millis> first_waits(std::uint64_t seed, int count) {
  Backoff backoff(kFirst, kMost, seed);
  std::vector<Millis> waits(static_cast<std::size_t>(count));
  for (Millis& wait : waits) wait = backoff.next();
  return waits;
}

TEST(Backoff, WaitsBetweenHalfAndAllOfADoublingCeiling) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Millis ceiling = kFirst;
    for (const Millis wait : first_waits(seed, 12)) {
      ASSERT_GE(wait, ceiling / 2);
      ASSERT_LE(wait, ceiling);
      ceiling = std::min(kMost, ceiling * 2);
    }
  }
}

TEST(Backoff, NeverWaitsLongerThanTheMostHoweverOftenItIsAsked) {
  for (const Millis wait : first_waits(1, 1'000)) ASSERT_LE(wait, kMost);
}

TEST(Backoff, NeverWaitsLessThanHalfTheFirst) {
  for (const Millis wait : first_waits(2, 1'000)) ASSERT_GE(wait, kFirst / 2);
}

TEST(Backoff, StartsOverAfterASteadyConnection) {
  Backoff backoff(kFirst, kMost, 3);
  for (int i = 0; i < 10; ++i) backoff.next();
  backoff.was_connected_for(Backoff::kSteady + Millis{1});
  EXPECT_LE(backoff.next(), kFirst);
}

// Regression: a collector with a full disk welcomed, then sent away, and got a storm of new
// connections.
TEST(Backoff, GoesOnGrowingWhenTheCollectorWelcomesAndSendsAway) {
  Backoff backoff(kFirst, kMost, 3);
  for (int i = 0; i < 10; ++i) {
    backoff.next();
    backoff.was_connected_for(Millis{20});
  }
  EXPECT_GE(backoff.next(), kMost / 2);
}

TEST(Backoff, WaitsTheSameForTheSameSeed) { EXPECT_EQ(first_waits(4, 50), first_waits(4, 50)); }

TEST(Backoff, TakesAnyPartOfASpanThatItWasGiven) {
  Millis least{1'000};
  Millis most{0};
  for (std::uint64_t seed = 0; seed < 1'000; ++seed) {
    const Millis part = Backoff(kFirst, kMost, seed).part_of(Millis{1'000});
    ASSERT_GE(part, Millis{0});
    ASSERT_LE(part, Millis{1'000});
    least = std::min(least, part);
    most = std::max(most, part);
  }
  EXPECT_LT(least, Millis{50});
  EXPECT_GT(most, Millis{950});
}

TEST(Backoff, SpreadsAgentsThatLostTheirCollectorTogether) {
  std::set<Millis> waits;
  for (std::uint64_t seed = 0; seed < 100; ++seed) waits.insert(first_waits(seed, 6).back());
  EXPECT_GT(waits.size(), 50U);
}

}  // namespace
}  // namespace firstbyte::agent
