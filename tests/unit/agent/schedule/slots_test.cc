#include "agent/schedule/slots.h"

#include <gtest/gtest.h>

#include <set>

namespace firstbyte::agent {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

const MonotonicTime kFirst{std::chrono::hours{1}};

TEST(Slots, AreAPeriodApart) {
  Slots slots(kFirst, milliseconds{250});
  EXPECT_EQ(slots.take(), kFirst);
  EXPECT_EQ(slots.take(), kFirst + milliseconds{250});
  EXPECT_EQ(slots.next(), kFirst + milliseconds{500});
}

TEST(Slots, KeepTheirPhaseWhateverTheirPeriod) {
  Slots slots(kFirst, seconds{1} / 3.0);
  for (int i = 0; i < 1'000'000; ++i) slots.take();
  EXPECT_EQ(slots.next(), kFirst + milliseconds{333'333'333} + nanoseconds{333'333});
}

TEST(Slots, AreNotShiftedByALateStart) {
  Slots slots(kFirst, seconds{1});
  slots.take();
  EXPECT_EQ(slots.skip_before(kFirst + milliseconds{900}), 0U);  // the next one is still to come
  EXPECT_EQ(slots.take(), kFirst + seconds{1});
}

TEST(Slots, CountThoseThatAreSkipped) {
  Slots slots(kFirst, seconds{1});
  EXPECT_EQ(slots.skip_before(kFirst + milliseconds{2'500}), 3U);
  EXPECT_EQ(slots.next(), kFirst + seconds{3});
}

TEST(Slots, SkipNoneAtTheTimeItself) {
  Slots slots(kFirst, seconds{1});
  EXPECT_EQ(slots.skip_before(kFirst), 0U);
  EXPECT_EQ(slots.skip_before(kFirst + seconds{2}), 2U);
  EXPECT_EQ(slots.next(), kFirst + seconds{2});
}

TEST(Slots, SkipNoneTwice) {
  Slots slots(kFirst, seconds{1});
  slots.skip_before(kFirst + seconds{2});
  EXPECT_EQ(slots.skip_before(kFirst + seconds{2}), 0U);
}

TEST(Jitter, LiesWithinThePeriod) {
  for (std::uint64_t seed = 0; seed < 1'000; ++seed) {
    const nanoseconds offset = jitter(seed, "https://a/", seconds{30});
    EXPECT_GE(offset, seconds{0});
    EXPECT_LT(offset, seconds{30});
  }
}

// The number itself, as it must be the same on every machine and in every version.
TEST(Jitter, IsTheSameForTheSameSeedAndName) {
  EXPECT_EQ(jitter(7, "https://a/", seconds{30}), nanoseconds{17'392'229'908});
}

TEST(Jitter, SpreadsSeedsAndNamesOverThePeriod) {
  constexpr int kParts = 10;
  constexpr int kEach = 1'000;
  std::vector<int> by_seed(kParts);
  std::vector<int> by_name(kParts);
  for (int i = 0; i < kParts * kEach; ++i) {
    const auto number = static_cast<std::uint64_t>(i);
    ++by_seed[jitter(number, "a", seconds{kParts}) / seconds{1}];
    ++by_name[jitter(1, std::to_string(i), seconds{kParts}) / seconds{1}];
  }
  for (const auto& counts : {by_seed, by_name}) {
    for (const int count : counts) EXPECT_NEAR(count, kEach, 0.2 * kEach);
  }
}

TEST(Jitter, MindsAllOfTheSeed) {
  std::set<nanoseconds> offsets;
  for (int bit = 0; bit < 64; ++bit) offsets.insert(jitter(1ULL << bit, "a", seconds{30}));
  EXPECT_EQ(offsets.size(), 64U);
}

}  // namespace
}  // namespace firstbyte::agent
