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

}  // namespace
}  // namespace firstbyte::agent
