#include "agent/schedule/check_slots.h"

#include <gtest/gtest.h>

#include "tests/fakes/manual_clock.h"

namespace firstbyte::agent {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kInterval{500};
constexpr milliseconds kOffset{130};
// A whole number of intervals.
constexpr WallTime kStart{seconds{1'790'000'000}};

class CheckSlotsTest : public testing::Test {
 protected:
  CheckSlots::Now now() const { return {clock_.now(), clock_.wall()}; }
  CheckSlots make(std::optional<WallTime> told = {}) {
    return {{.id = 7, .name = "a", .interval = kInterval, .offset = kOffset}, told, now()};
  }
  // As a timer would: on to the next slot, and so much later.
  std::optional<CheckSlot> at_next(CheckSlots& slots, Micros late = {}, bool has_room = true) {
    clock_.advance(slots.due(now()) - clock_.now() + late);
    return slots.take(now(), has_room);
  }

  fakes::ManualClock clock_{kStart};
};

TEST_F(CheckSlotsTest, LieOnTheWallClock) {
  CheckSlots slots = make();
  for (int i = 0; i < 100; ++i) {
    const auto slot = at_next(slots, Micros{i * 1'000});
    ASSERT_TRUE(slot);
    EXPECT_EQ(slot->scheduled_at, kStart + kOffset + i * kInterval);
    EXPECT_EQ(*slot, (CheckSlot{.check = 7, .scheduled_at = slot->scheduled_at}));
  }
}

TEST_F(CheckSlotsTest, TheFirstIsInTheFuture) {
  clock_.advance(kOffset);
  CheckSlots slots = make();
  EXPECT_EQ(slots.take(now(), true), std::nullopt);
  EXPECT_EQ(slots.due(now()), clock_.now() + kInterval);
}

TEST_F(CheckSlotsTest, OneIsTakenOnce) {
  CheckSlots slots = make();
  EXPECT_TRUE(at_next(slots));
  EXPECT_EQ(slots.take(now(), true), std::nullopt);
}

TEST_F(CheckSlotsTest, OfThoseThatPassedTheLatestIsTakenAndTheOthersAreSkipped) {
  CheckSlots slots = make();
  (void)at_next(slots);
  clock_.advance(seconds{20});
  const auto slot = slots.take(now(), true);
  ASSERT_TRUE(slot);
  EXPECT_EQ(slot->scheduled_at, kStart + kOffset + seconds{20});
  EXPECT_EQ(slot->skipped, 39U);
  EXPECT_FALSE(slot->clock_set);
  EXPECT_EQ(at_next(slots)->skipped, 0U);
}

TEST_F(CheckSlotsTest, WhatFindsNoRoomIsSkipped) {
  CheckSlots slots = make();
  (void)at_next(slots);
  EXPECT_EQ(at_next(slots, {}, false), std::nullopt);
  EXPECT_EQ(at_next(slots, {}, false), std::nullopt);
  EXPECT_EQ(at_next(slots)->skipped, 2U);
}

TEST_F(CheckSlotsTest, BeingLateShiftsNothingAndSkipsNothing) {
  CheckSlots slots = make();
  (void)at_next(slots);
  (void)at_next(slots, milliseconds{499});
  const auto slot = at_next(slots);
  EXPECT_EQ(slot->scheduled_at, kStart + kOffset + 2 * kInterval);
  EXPECT_EQ(slot->skipped, 0U);
  EXPECT_FALSE(slot->clock_set);
}

// ---- from run to run

TEST_F(CheckSlotsTest, WhatPassedBetweenTwoRunsIsSkipped) {
  CheckSlots slots = make(kStart + kOffset - seconds{60});
  const auto slot = at_next(slots);
  EXPECT_EQ(slot->scheduled_at, kStart + kOffset);
  EXPECT_EQ(slot->skipped, 119U);
  EXPECT_FALSE(slot->clock_set);
  EXPECT_EQ(at_next(slots)->skipped, 0U);
}

TEST_F(CheckSlotsTest, AnEarlierRunAtALaterTimeMeansThatTheClockWasSet) {
  CheckSlots slots = make(kStart + hours{1});
  const auto slot = at_next(slots);
  EXPECT_EQ(slot->scheduled_at, kStart + kOffset);
  EXPECT_EQ(slot->skipped, 0U);
  EXPECT_TRUE(slot->clock_set);
}

// ---- clocks that are set

TEST_F(CheckSlotsTest, AClockThatIsSetForwardSkipsNoSlot) {
  CheckSlots slots = make();
  (void)at_next(slots);
  clock_.step_wall(hours{1});
  const auto slot = slots.take(now(), true);
  ASSERT_TRUE(slot);
  EXPECT_EQ(slot->scheduled_at, kStart + kOffset + hours{1});
  EXPECT_EQ(slot->skipped, 0U);
  EXPECT_TRUE(slot->clock_set);
  EXPECT_FALSE(at_next(slots)->clock_set);
}

TEST_F(CheckSlotsTest, AClockThatIsSetBackStopsNothing) {
  CheckSlots slots = make();
  (void)at_next(slots);
  clock_.step_wall(-hours{1});
  EXPECT_LE(slots.due(now()), clock_.now() + kInterval);
  clock_.advance(kInterval);
  EXPECT_EQ(slots.take(now(), true), std::nullopt);  // finds out
  const auto slot = at_next(slots);
  ASSERT_TRUE(slot);
  EXPECT_EQ(slot->scheduled_at, kStart + kOffset - hours{1} + 2 * kInterval);
  EXPECT_TRUE(slot->clock_set);
  EXPECT_EQ(slot->skipped, 1U);  // by the clock that nobody sets
  EXPECT_FALSE(at_next(slots)->clock_set);
}

TEST_F(CheckSlotsTest, WhatIsSkippedWhileTheClockIsSetIsCountedByTheOther) {
  CheckSlots slots = make();
  (void)at_next(slots);
  clock_.advance(seconds{10});
  clock_.step_wall(hours{1});
  const auto slot = slots.take(now(), true);
  EXPECT_EQ(slot->skipped, 19U);
  EXPECT_TRUE(slot->clock_set);
}

}  // namespace
}  // namespace firstbyte::agent
