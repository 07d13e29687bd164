#include "agent/cli/batch_schedule.h"

#include <gtest/gtest.h>

#include "tests/fakes/manual_clock.h"

namespace firstbyte::agent {
namespace {

using std::chrono::milliseconds;

class BatchScheduleTest : public testing::Test {
 protected:
  void offer(BatchSchedule& schedule, bool was_idle = false) {
    schedule.offer(Line{.number = ++lines_, .text = "http://a/", .too_long = false}, clock_.now(),
                   was_idle);
  }
  // How long after the first line's coming the slot of the next one is.
  milliseconds next_slot(BatchSchedule& schedule, bool was_idle = false) {
    offer(schedule, was_idle);
    const auto due = schedule.next_start().value();
    clock_.advance(std::max(std::chrono::nanoseconds{0}, due - clock_.now()));
    const auto start = schedule.start(clock_.now());
    EXPECT_TRUE(start);
    return std::chrono::duration_cast<milliseconds>(start.value().slot.value() - epoch_);
  }

  fakes::ManualClock clock_;
  const MonotonicTime epoch_ = clock_.now();
  std::uint64_t lines_ = 0;
};

TEST_F(BatchScheduleTest, StartsAtOnceWithoutARate) {
  BatchSchedule schedule(2, std::nullopt);
  offer(schedule);
  const auto start = schedule.start(clock_.now());
  ASSERT_TRUE(start);
  EXPECT_EQ(start->line.number, 1U);
  EXPECT_EQ(start->slot, std::nullopt);
}

TEST_F(BatchScheduleTest, StartsNothingWithoutALine) {
  BatchSchedule schedule(2, 10);
  EXPECT_FALSE(schedule.start(clock_.now()));
  EXPECT_FALSE(schedule.next_start());
  EXPECT_TRUE(schedule.wants_line());
}

TEST_F(BatchScheduleTest, StartsTheFirstLineAtOnceWhateverTheRate) {
  BatchSchedule schedule(1, 0.001);
  offer(schedule);
  EXPECT_TRUE(schedule.start(clock_.now()));
}

TEST_F(BatchScheduleTest, StartsEachLineAtItsSlot) {
  BatchSchedule schedule(10, 4);
  EXPECT_EQ(next_slot(schedule), milliseconds{0});
  EXPECT_EQ(next_slot(schedule), milliseconds{250});
  EXPECT_EQ(next_slot(schedule), milliseconds{500});
}

TEST_F(BatchScheduleTest, StartsNothingBeforeItsSlot) {
  BatchSchedule schedule(10, 4);
  next_slot(schedule);
  offer(schedule);
  clock_.advance(milliseconds{249});
  EXPECT_FALSE(schedule.start(clock_.now()));
  EXPECT_FALSE(schedule.wants_line());
  clock_.advance(milliseconds{1});
  EXPECT_TRUE(schedule.start(clock_.now()));
  EXPECT_TRUE(schedule.wants_line());
}

TEST_F(BatchScheduleTest, KeepsItsPhaseOverAMillionLines) {
  BatchSchedule schedule(1, 3);
  for (int i = 0; i < 1'000'000; ++i) {
    offer(schedule);
    clock_.advance(schedule.next_start().value() - clock_.now());
    schedule.start(clock_.now());
    schedule.finished();
  }
  EXPECT_EQ(next_slot(schedule), milliseconds{333'333'333});
}

TEST_F(BatchScheduleTest, WaitsForAFreePlace) {
  BatchSchedule schedule(1, std::nullopt);
  offer(schedule);
  ASSERT_TRUE(schedule.start(clock_.now()));
  offer(schedule);
  EXPECT_FALSE(schedule.start(clock_.now()));
  EXPECT_FALSE(schedule.next_start());
  EXPECT_FALSE(schedule.wants_line());
  schedule.finished();
  EXPECT_TRUE(schedule.start(clock_.now()));
  EXPECT_EQ(schedule.running(), 1U);
}

TEST_F(BatchScheduleTest, KeepsTheSlotsOfWhatHadToWait) {
  BatchSchedule schedule(1, 10);
  next_slot(schedule);
  clock_.advance(milliseconds{350});
  schedule.finished();
  EXPECT_EQ(next_slot(schedule), milliseconds{100});  // 250 ms late
  schedule.finished();
  EXPECT_EQ(next_slot(schedule), milliseconds{200});
}

// Regression: what was late was caught up in one burst of handshakes.
TEST_F(BatchScheduleTest, PacesWhatIsCaughtUp) {
  BatchSchedule schedule(10, 200);
  next_slot(schedule);
  clock_.advance(milliseconds{100});
  const MonotonicTime late = clock_.now();
  for (int i = 0; i < 3; ++i) next_slot(schedule);
  EXPECT_EQ(clock_.now() - late, milliseconds{2});
}

TEST_F(BatchScheduleTest, CatchesUpWhateverTheRate) {
  BatchSchedule schedule(1'000, 10'000);
  next_slot(schedule);
  clock_.advance(milliseconds{10});
  for (int i = 0; i < 300; ++i) next_slot(schedule);
  EXPECT_EQ(next_slot(schedule), duration_cast<milliseconds>(clock_.now() - epoch_));
}

TEST_F(BatchScheduleTest, PacesNothingWithoutARate) {
  BatchSchedule schedule(2, std::nullopt);
  for (int i = 0; i < 2; ++i) {
    offer(schedule);
    EXPECT_TRUE(schedule.start(clock_.now()));
  }
}

TEST_F(BatchScheduleTest, GivesNobodyTheSlotsThatPassWhileTheInputIsIdle) {
  BatchSchedule schedule(5, 10);
  next_slot(schedule);
  clock_.advance(milliseconds{350});
  EXPECT_EQ(next_slot(schedule, true), milliseconds{400});
  EXPECT_EQ(next_slot(schedule), milliseconds{500});
}

TEST_F(BatchScheduleTest, GivesTheNextSlotToAnInputThatWasIdleForLessThanOne) {
  BatchSchedule schedule(5, 10);
  next_slot(schedule);
  clock_.advance(milliseconds{50});
  EXPECT_EQ(next_slot(schedule, true), milliseconds{100});
}

}  // namespace
}  // namespace firstbyte::agent
