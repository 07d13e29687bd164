#include "agent/probe/deadline.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "tests/fakes/manual_clock.h"

namespace firstbyte::agent {
namespace {

using std::chrono::milliseconds;

class DeadlineTest : public testing::Test {
 protected:
  static constexpr milliseconds kTime{10};

  void set() {
    deadline_.emplace(loop_, clock_.now() + kTime, [this] {
      told_ += "over ";
      deadline_.reset();  // may destroy itself
      loop_.stop();
    });
  }
  // Each in a turn of its own, as completions that lead to others.
  void post_in_a_row(int turns) {
    loop_.post([this, turns] {
      if (turns > 1) {
        post_in_a_row(turns - 1);
      } else {
        told_ += "done ";
        deadline_.reset();
        loop_.post([this] { loop_.stop(); });
      }
    });
  }

  fakes::ManualClock clock_;
  EventLoop loop_{clock_};
  std::optional<Deadline> deadline_;
  std::string told_;
};

TEST_F(DeadlineTest, IsOverAtItsTime) {
  set();
  clock_.advance(kTime);
  loop_.run();
  EXPECT_EQ(told_, "over ");
}

TEST_F(DeadlineTest, IsNotOverBeforeItsTime) {
  set();
  clock_.advance(kTime - milliseconds{1});
  loop_.call_at(clock_.now(), [&] { loop_.stop(); });
  loop_.run();
  EXPECT_EQ(told_, "");
}

// Regression: what had arrived in time, and was read, failed as a timeout when the deadline was due
// in the same turn.
TEST_F(DeadlineTest, LetsThroughWhatIsUnderWayWhenItIsDue) {
  set();
  loop_.call_at(clock_.now() + kTime, [&] { post_in_a_row(4); });
  clock_.advance(kTime * 5);
  loop_.run();
  EXPECT_EQ(told_, "done ");
}

TEST_F(DeadlineTest, IsNotPutOffForEver) {
  set();
  clock_.advance(kTime);
  post_in_a_row(100'000);
  loop_.run();
  EXPECT_EQ(told_, "over ");
}

}  // namespace
}  // namespace firstbyte::agent
