#include "agent/schedule/checks.h"

#include <gtest/gtest.h>

#include <future>
#include <string>
#include <thread>
#include <vector>

#include "tests/fakes/manual_clock.h"

namespace firstbyte::agent {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kStep{10};

Check check(std::uint64_t id, milliseconds interval, milliseconds offset = milliseconds{0}) {
  return {id, "check-" + std::to_string(id), {.url = "https://a.example/"}, interval, offset};
}

class ChecksTest : public testing::Test {
 protected:
  ~ChecksTest() override {
    loop_.stop();
    thread_.join();
  }

  // Time goes on in steps, and the loop has a turn at each.
  void run_for(milliseconds time, milliseconds step = kStep) {
    std::promise<void> done;
    loop_.post([&] { turn(time, step, done); });
    done.get_future().wait();
  }
  void turn(milliseconds left, milliseconds step, std::promise<void>& done) {
    if (left <= milliseconds{0}) return done.set_value();
    clock_.advance(step);
    loop_.post([this, left, step, &done] { turn(left - step, step, done); });
  }

  // What a started probe comes to: a result at once, with how late it was as the engine tells it.
  void answer(const ProbeOrder& order) {
    Measurement measurement;
    measurement.slot = order.slot;
    measurement.slot->late = clock_.wall() - measurement.slot->scheduled_at;
    measurement.failure = failure_;
    if (checks_.take(measurement)) slots_.push_back(*measurement.slot);
  }
  std::vector<CheckSlot> slots_of(std::uint64_t id) const {
    std::vector<CheckSlot> slots;
    for (const CheckSlot& slot : slots_) {
      if (slot.check == id) slots.push_back(slot);
    }
    return slots;
  }

  fakes::ManualClock clock_;
  const WallTime begun_ = clock_.wall();
  EventLoop loop_{clock_};
  bool answers_ = true;
  bool has_room_ = true;
  std::optional<Failure> failure_;
  std::vector<ProbeOrder> started_;
  std::vector<CheckSlot> slots_;
  Checks::Told told_{{3, begun_ - seconds{30}}};
  Checks checks_{loop_, told_, [this] { return has_room_; },
                 [this](const ProbeOrder& order) {
                   started_.push_back(order);
                   if (answers_) answer(order);
                 }};
  std::thread thread_{[this] { loop_.run(); }};
};

TEST_F(ChecksTest, EachIsProbedAtItsSlots) {
  checks_.assign({1, {check(1, milliseconds{500}), check(2, seconds{1}, milliseconds{250})}});
  run_for(seconds{10} + kStep);
  ASSERT_EQ(slots_of(1).size(), 20U);
  ASSERT_EQ(slots_of(2).size(), 10U);
  for (std::size_t i = 0; i < 10; ++i) {
    const CheckSlot slot = slots_of(2)[i];
    EXPECT_EQ(slot.scheduled_at, begun_ + seconds{i} + milliseconds{250});
    EXPECT_LE(slot.late, kStep);
    EXPECT_EQ(slot.skipped, 0U);
  }
  EXPECT_EQ(started_.front().target.url, "https://a.example/");
  EXPECT_TRUE(started_.front().test_id.empty());
}

TEST_F(ChecksTest, WhileAProbeRunsItsChecksSlotsAreSkipped) {
  checks_.assign({1, {check(1, milliseconds{500}), check(2, milliseconds{500})}});
  answers_ = false;
  run_for(seconds{5});
  ASSERT_EQ(started_.size(), 2U);
  answers_ = true;
  answer(started_.front());
  run_for(milliseconds{500} + kStep);
  ASSERT_EQ(slots_.size(), 2U);
  EXPECT_EQ(slots_[1].check, slots_[0].check);
  EXPECT_EQ(slots_[1].skipped, 9U);
}

TEST_F(ChecksTest, WhatFindsNoRoomIsSkipped) {
  checks_.assign({1, {check(1, milliseconds{500})}});
  run_for(milliseconds{500} + kStep);
  has_room_ = false;
  run_for(seconds{5});
  EXPECT_EQ(started_.size(), 1U);
  has_room_ = true;
  run_for(milliseconds{500});
  ASSERT_EQ(slots_.size(), 2U);
  EXPECT_EQ(slots_[1].skipped, 10U);
}

// Regression: these were results, failures of a target that nobody had asked.
TEST_F(ChecksTest, WhatTheAgentStoppedIsSkipped) {
  checks_.assign({1, {check(1, milliseconds{500})}});
  run_for(milliseconds{500} + kStep);
  for (const Cause cause : {Cause::kCancelled, Cause::kOverloaded}) {
    failure_ = Failure{std::nullopt, Origin::kAgent, cause, "stopped"};
    run_for(seconds{1});
  }
  ASSERT_EQ(started_.size(), 5U);
  ASSERT_EQ(slots_.size(), 1U);
  failure_ = Failure{Phase::kConnect, Origin::kTarget, Cause::kTimeout, "no answer"};
  run_for(milliseconds{500});
  ASSERT_EQ(slots_.size(), 2U);
  EXPECT_EQ(slots_[1].skipped, 4U);
}

TEST_F(ChecksTest, NoMoreRunAtOnceThanMay) {
  Assignment assignment{.revision = 1};
  for (std::uint64_t id = 1; id <= 40; ++id) assignment.checks.push_back(check(id, seconds{1}));
  checks_.assign(assignment);
  answers_ = false;
  run_for(seconds{3});
  EXPECT_EQ(started_.size(), Checks::kMostRunning);
}

TEST_F(ChecksTest, AfterAPauseTheLatestSlotIsUsedAndTheOthersAreSkipped) {
  checks_.assign({1, {check(1, milliseconds{500})}});
  run_for(milliseconds{500} + kStep);
  run_for(seconds{20}, seconds{20});
  run_for(kStep);
  ASSERT_EQ(slots_.size(), 2U);
  EXPECT_EQ(slots_[1].skipped, 39U);
  EXPECT_LT(slots_[1].late, milliseconds{500});
}

TEST_F(ChecksTest, WhatPassedSinceTheRunBeforeIsSkipped) {
  checks_.assign({1, {check(3, seconds{1})}});
  run_for(seconds{1} + kStep);
  ASSERT_EQ(slots_.size(), 1U);
  EXPECT_EQ(slots_[0].skipped, 30U);
}

// ---- another assignment

TEST_F(ChecksTest, WhatIsNotAssignedAnyMoreEnds) {
  checks_.assign({1, {check(1, seconds{1}), check(2, seconds{1})}});
  run_for(seconds{1} + kStep);
  checks_.assign({2, {check(2, seconds{1})}});
  run_for(seconds{2});
  EXPECT_EQ(slots_of(1).size(), 1U);
  EXPECT_EQ(slots_of(2).size(), 3U);
}

TEST_F(ChecksTest, WhatStaysGoesOnAsItWas) {
  checks_.assign({1, {check(1, seconds{1})}});
  run_for(seconds{1} + kStep);
  has_room_ = false;
  run_for(seconds{1});
  has_room_ = true;
  Check same = check(1, seconds{1});
  same.target.headers = {{"authorization", "another"}};
  checks_.assign({2, {same}});
  run_for(seconds{1});
  ASSERT_EQ(slots_.size(), 2U);
  EXPECT_EQ(slots_[1].skipped, 1U);
  EXPECT_EQ(started_.back().target.headers, same.target.headers);
}

TEST_F(ChecksTest, AnotherOffsetTakesThePlaceOfTheFirst) {
  checks_.assign({1, {check(1, seconds{1})}});
  run_for(seconds{1} + kStep);
  checks_.assign({2, {check(1, seconds{1}, milliseconds{600})}});
  run_for(seconds{2});
  ASSERT_EQ(slots_.size(), 3U);
  EXPECT_EQ(slots_[1].scheduled_at, begun_ + milliseconds{1'600});
}

TEST_F(ChecksTest, WhatRunsWhenItsCheckEndsHasItsResult) {
  checks_.assign({1, {check(1, seconds{1})}});
  answers_ = false;
  run_for(seconds{1} + kStep);
  checks_.assign({2, {}});
  run_for(seconds{1});
  answer(started_.front());
  EXPECT_EQ(slots_.size(), 1U);
}

}  // namespace
}  // namespace firstbyte::agent
