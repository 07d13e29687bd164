#include "lab/wire/lateness.h"

#include <gtest/gtest.h>

namespace firstbyte::wire {
namespace {

using namespace std::chrono_literals;

TEST(Lateness, IsNothingWithoutPackets) {
  const Lateness lateness;
  EXPECT_EQ(lateness.percentile_us(99), 0);
  EXPECT_EQ(lateness.max_us(), 0);
}

// The header's own numbers.
TEST(Lateness, IsAtMostNineteenPercentAboveTheTruth) {
  for (std::int64_t nanos = 1'000; nanos < 1'900'000'000; nanos += nanos / 7) {
    Lateness lateness;
    for (int i = 0; i < 99; ++i) lateness.add(std::chrono::nanoseconds{nanos});
    lateness.add(2s);
    const double truth = static_cast<double>(nanos) / 1e3;
    ASSERT_GE(lateness.percentile_us(50), truth * 0.999);
    ASSERT_LE(lateness.percentile_us(50), truth * 1.19);
  }
}

TEST(Lateness, TellsThePercentilesApart) {
  Lateness lateness;
  for (int i = 0; i < 98; ++i) lateness.add(10us);
  lateness.add(1ms);
  lateness.add(50ms);
  EXPECT_NEAR(lateness.percentile_us(50), 10, 2);
  EXPECT_NEAR(lateness.percentile_us(99), 1'000, 190);
  EXPECT_NEAR(lateness.percentile_us(100), 50'000, 9'500);
  EXPECT_EQ(lateness.max_us(), 50'000);
}

TEST(Lateness, CountsWhatIsBelowAndAboveTheScale) {
  Lateness lateness;
  lateness.add(-5us);
  lateness.add(1h);
  EXPECT_EQ(lateness.percentile_us(50), 1);
  EXPECT_EQ(lateness.max_us(), 3.6e9);
}

}  // namespace
}  // namespace firstbyte::wire
