#include "agent/probe/self_check.h"

#include <gtest/gtest.h>

#include "tests/fakes/manual_clock.h"

namespace firstbyte::agent {
namespace {

using std::chrono::milliseconds;

class SelfCheckTest : public testing::Test {
 protected:
  // Of a probe during which the loop is away for so long.
  SelfCheck after_a_turn_of(std::chrono::nanoseconds time) {
    SelfCheck checked;
    loop_.post([&] {
      PhaseRecorder recorder(clock_);
      clock_.advance(time);
      recorder.finish();
      checked = check_self(recorder, loop_);
      loop_.stop();
    });
    loop_.run();
    return checked;
  }

  fakes::ManualClock clock_;
  EventLoop loop_{clock_};
};

TEST_F(SelfCheckTest, IsFineWhenNothingHadToWait) {
  EXPECT_EQ(after_a_turn_of(milliseconds{0}), SelfCheck{});
}

TEST_F(SelfCheckTest, TellsHowLongTheLoopWasAway) {
  const SelfCheck checked = after_a_turn_of(milliseconds{3});
  EXPECT_EQ(checked.loop_lag, milliseconds{3});
  EXPECT_FALSE(checked.overloaded);
}

TEST_F(SelfCheckTest, IsNotOverloadedBelowTwentyMilliseconds) {
  EXPECT_FALSE(after_a_turn_of(milliseconds{20} - Micros{1}).overloaded);
}

TEST_F(SelfCheckTest, IsOverloadedFromTwentyMillisecondsOn) {
  EXPECT_TRUE(after_a_turn_of(milliseconds{20}).overloaded);
}

// On a crowded processor the loop sleeps on though something has arrived, and only the kernel
// knows.
TEST_F(SelfCheckTest, KnowsFromTheKernelWhatWasSeenLate) {
  const WallTime begin = clock_.wall();
  PhaseRecorder recorder(clock_);
  recorder.enter(Phase::kDns);
  recorder.wire().add_turn(Phase::kDns, begin, begin + milliseconds{5});
  clock_.advance(milliseconds{65});
  recorder.leave();
  recorder.finish();
  EventLoop loop(clock_);  // has nothing to say
  const SelfCheck checked = check_self(recorder, loop);
  EXPECT_EQ(checked.loop_lag, milliseconds{60});
  EXPECT_TRUE(checked.overloaded);
}

TEST_F(SelfCheckTest, TellsThatTheClockWasSet) {
  PhaseRecorder recorder(clock_);
  clock_.step_wall(std::chrono::seconds{1});
  recorder.finish();
  EXPECT_TRUE(check_self(recorder, loop_).clock_stepped);
}

}  // namespace
}  // namespace firstbyte::agent
