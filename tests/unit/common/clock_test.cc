#include "common/clock.h"

#include <gtest/gtest.h>

#include "tests/fakes/manual_clock.h"

namespace firstbyte {
namespace {

using std::chrono::nanoseconds;

WallTime at(std::int64_t micros) { return WallTime{Micros{micros}}; }

TEST(FormatRfc3339, WritesMicroseconds) {
  EXPECT_EQ(format_rfc3339(at(1'795'403'400'123'456)), "2026-11-23T03:10:00.123456Z");
}

TEST(FormatRfc3339, KeepsTrailingAndLeadingZeros) {
  EXPECT_EQ(format_rfc3339(at(1'795'403'400'000'000)), "2026-11-23T03:10:00.000000Z");
  EXPECT_EQ(format_rfc3339(at(1'795'403'400'000'070)), "2026-11-23T03:10:00.000070Z");
}

TEST(FormatRfc3339, LeavesTheFractionOutWhenAsked) {
  EXPECT_EQ(format_rfc3339(at(1'795'403'400'999'999), false), "2026-11-23T03:10:00Z");
}

TEST(FormatRfc3339, WritesTheEpoch) {
  EXPECT_EQ(format_rfc3339(at(0)), "1970-01-01T00:00:00.000000Z");
}

TEST(FormatRfc3339, WritesALeapDay) {
  EXPECT_EQ(format_rfc3339(at(1'709'251'199'000'000)), "2024-02-29T23:59:59.000000Z");
}

TEST(FormatRfc3339, WritesTimesBeforeTheEpoch) {
  EXPECT_EQ(format_rfc3339(at(-1)), "1969-12-31T23:59:59.999999Z");
}

TEST(FormatRfc3339, WritesTheLastYearOfFourDigits) {
  EXPECT_EQ(format_rfc3339(at(253'402'300'799'000'000)), "9999-12-31T23:59:59.000000Z");
}

TEST(ToMicros, RoundsDown) {
  EXPECT_EQ(to_micros(nanoseconds{1'999}), Micros{1});
  EXPECT_EQ(to_micros(nanoseconds{-1}), Micros{-1});
}

TEST(SystemClock, NeverRunsBackwards) {
  const MonotonicTime first = system_clock().now();
  EXPECT_LE(first, system_clock().now());
}

TEST(ManualClock, StandsStillUntilItIsTurned) {
  fakes::ManualClock clock;
  const MonotonicTime start = clock.now();
  EXPECT_EQ(clock.now(), start);
  clock.advance(Micros{7});
  EXPECT_EQ(clock.now() - start, Micros{7});
}

TEST(ManualClock, StepsTheWallAlone) {
  fakes::ManualClock clock;
  const MonotonicTime start = clock.now();
  const WallTime wall = clock.wall();
  clock.step_wall(Micros{-5});
  EXPECT_EQ(clock.now(), start);
  EXPECT_EQ(clock.wall() - wall, Micros{-5});
}

}  // namespace
}  // namespace firstbyte
