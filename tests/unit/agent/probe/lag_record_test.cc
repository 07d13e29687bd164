#include "agent/probe/lag_record.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace firstbyte::agent {
namespace {

using std::chrono::milliseconds;

MonotonicTime at(int ms) { return MonotonicTime{std::chrono::hours{1}} + milliseconds{ms}; }

TEST(LagRecord, KnowsOfNothingAtFirst) { EXPECT_EQ(LagRecord().longest_since(at(0)), Micros{0}); }

TEST(LagRecord, GivesTheLongestWait) {
  LagRecord lags;
  lags.add(at(0), at(5));
  lags.add(at(10), at(30));
  lags.add(at(40), at(43));
  EXPECT_EQ(lags.longest_since(at(0)), milliseconds{20});
}

TEST(LagRecord, ForgetsWhatWasOverBefore) {
  LagRecord lags;
  lags.add(at(10), at(30));
  lags.add(at(40), at(43));
  EXPECT_EQ(lags.longest_since(at(30)), milliseconds{3});
  EXPECT_EQ(lags.longest_since(at(43)), Micros{0});
}

TEST(LagRecord, CountsOnlyThePartThatLiesAfter) {
  LagRecord lags;
  lags.add(at(0), at(50));
  EXPECT_EQ(lags.longest_since(at(40)), milliseconds{10});
}

TEST(LagRecord, SeesTheWaitBehindOneOfWhichLittleCounts) {
  LagRecord lags;
  lags.add(at(0), at(50));
  lags.add(at(60), at(80));
  EXPECT_EQ(lags.longest_since(at(49)), milliseconds{20});
}

TEST(LagRecord, SaysTheSameAsAListOfAllWaits) {
  std::mt19937 random(11);
  const auto below = [&](unsigned bound) { return static_cast<int>(random() % bound); };
  struct Wait {
    int begin;
    int end;
  };
  std::vector<Wait> all;
  LagRecord lags;
  int now = 0;
  for (int i = 0; i < 2'000; ++i) {
    now += below(20);
    const int begin = std::max(0, now - below(30));  // they may overlap, as turns and timers do
    all.push_back({begin, now});
    lags.add(at(begin), at(now));
    const int since = now - below(200);
    int expected = 0;
    for (const Wait& wait : all) {
      expected = std::max(expected, wait.end - std::max(wait.begin, since));
    }
    ASSERT_EQ(lags.longest_since(at(since)), milliseconds{expected}) << "since " << since;
  }
}

}  // namespace
}  // namespace firstbyte::agent
