#include "common/jitter.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace firstbyte {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

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
}  // namespace firstbyte
