#include "agent/schedule/pacer.h"

#include <gtest/gtest.h>

#include "tests/fakes/manual_clock.h"

namespace firstbyte::agent {
namespace {

TEST(Pacer, LetsTheFirstStartAtOnce) {
  const fakes::ManualClock clock;
  EXPECT_LE(Pacer().earliest(), clock.now());
}

TEST(Pacer, KeepsTheNextOneAGapAway) {
  const fakes::ManualClock clock;
  Pacer pacer(std::chrono::milliseconds{3});
  pacer.started(clock.now());
  EXPECT_EQ(pacer.earliest(), clock.now() + std::chrono::milliseconds{3});
}

TEST(Pacer, BeginsAThousandHandshakesASecondAtMost) {
  EXPECT_EQ(std::chrono::seconds{1} / kStartGap, 1'000);
}

}  // namespace
}  // namespace firstbyte::agent
