#include "agent/health/control_target.h"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "common/jitter.h"
#include "tests/fakes/manual_clock.h"

namespace firstbyte::agent {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Measurement answered(Micros ttfb) {
  Measurement measurement;
  measurement.measured_at = WallTime{seconds{1'790'000'000}};
  PhaseSpans spans{};
  spans[static_cast<std::size_t>(Phase::kWait)] = Span{Micros{0}, ttfb};
  spans[static_cast<std::size_t>(Phase::kTransfer)] = Span{ttfb, ttfb};
  measurement.timings = Timings::make(spans, ttfb).value();
  return measurement;
}

Measurement failed(Cause cause) {
  Measurement measurement;
  measurement.failure = Failure{Phase::kConnect, Origin::kNetwork, cause, "it failed"};
  return measurement;
}

class ControlTargetTest : public testing::Test {
 protected:
  static constexpr seconds kInterval{30};
  static constexpr milliseconds kStep{100};

  ControlTargetTest() { control_.begin(); }

  // Time goes on in steps, and the loop has a turn at each. Once a test.
  void run_for(milliseconds time, milliseconds step = kStep) {
    loop_.post([this, time, step] { turn(time, step); });
    loop_.run();
  }
  void turn(milliseconds left, milliseconds step) {
    if (left <= milliseconds{0}) return loop_.stop();
    clock_.advance(step);
    if (each_turn_) each_turn_();
    loop_.post([this, left, step] { turn(left - step, step); });
  }
  // Where in its interval a start was, less how late a step can make it.
  milliseconds phase_of(MonotonicTime start) const {
    return std::chrono::duration_cast<milliseconds>((start - begun_) % kInterval);
  }

  fakes::ManualClock clock_;
  const MonotonicTime begun_ = clock_.now();
  EventLoop loop_{clock_};
  // What a control probe comes to; nothing when it does not end.
  std::function<bool()> probe_ = [this] {
    control_.take(answered(milliseconds{12}));
    return true;
  };
  std::function<void()> each_turn_;
  std::vector<MonotonicTime> starts_;
  std::vector<ProbeOrder> orders_;
  ControlTarget control_{loop_,
                         {.url = "https://control.example/", .interval = kInterval, .seed = 3},
                         [this](const ProbeOrder& order) {
                           starts_.push_back(clock_.now());
                           orders_.push_back(order);
                           return probe_();
                         }};
};

TEST_F(ControlTargetTest, IsProbedOnceInEachInterval) {
  run_for(kInterval * 20);
  ASSERT_EQ(starts_.size(), 20U);
  const auto phase = jitter(3, "https://control.example/", kInterval);
  for (std::size_t i = 0; i < starts_.size(); ++i) {
    const auto slot = begun_ + phase + kInterval * i;
    EXPECT_GE(starts_[i], slot);
    EXPECT_LE(starts_[i], slot + kStep);
  }
  EXPECT_EQ(control_.skipped(), 0U);
}

TEST_F(ControlTargetTest, IsNoTestsTarget) {
  run_for(kInterval);
  ASSERT_EQ(orders_.size(), 1U);
  EXPECT_EQ(orders_[0].target.url, "https://control.example/");
  EXPECT_TRUE(ControlTarget::is_control(orders_[0].test_id));
  EXPECT_FALSE(ControlTarget::is_control("01JD"));
}

TEST_F(ControlTargetTest, HasNothingToSayUntilOneHasFinished) {
  probe_ = [] { return true; };
  run_for(kInterval);
  EXPECT_EQ(starts_.size(), 1U);
  EXPECT_EQ(control_.latest(), std::nullopt);
}

TEST_F(ControlTargetTest, SaysHowTheLastOneAnswered) {
  run_for(kInterval);
  EXPECT_EQ(control_.latest(),
            (ControlCheck{"https://control.example/", WallTime{seconds{1'790'000'000}},
                          milliseconds{12}, std::nullopt}));
}

TEST_F(ControlTargetTest, SaysWhyTheLastOneFailed) {
  probe_ = [this] {
    control_.take(starts_.size() == 1 ? answered(milliseconds{12}) : failed(Cause::kRefused));
    return true;
  };
  run_for(kInterval * 2);
  ASSERT_TRUE(control_.latest());
  EXPECT_EQ(control_.latest()->cause, Cause::kRefused);
  EXPECT_EQ(control_.latest()->ttfb, std::nullopt);
}

TEST_F(ControlTargetTest, SkipsTheSlotsAtWhichOneStillRuns) {
  probe_ = [] { return true; };
  run_for(kInterval * 3);
  EXPECT_EQ(starts_.size(), 1U);
  EXPECT_EQ(control_.skipped(), 2U);
}

TEST_F(ControlTargetTest, GoesOnInItsPhaseAfterOneThatRanLong) {
  probe_ = [] { return true; };
  each_turn_ = [this] {
    if (!starts_.empty() && clock_.now() - starts_.back() >= seconds{40}) {
      control_.take(failed(Cause::kTimeout));
    }
  };
  run_for(kInterval * 5);
  ASSERT_EQ(starts_.size(), 3U);
  EXPECT_NEAR(phase_of(starts_[0]).count(), phase_of(starts_[2]).count(), kStep.count());
  EXPECT_EQ(control_.skipped(), 2U);
}

TEST_F(ControlTargetTest, SkipsTheSlotsThatFindNoRoom) {
  probe_ = [] { return false; };
  run_for(kInterval * 3);
  EXPECT_EQ(starts_.size(), 3U);  // tried
  EXPECT_EQ(control_.skipped(), 3U);
  EXPECT_EQ(control_.latest(), std::nullopt);
}

// Regression: an agent that had no room was told as a control target that failed.
TEST_F(ControlTargetTest, SkipsTheSlotsWhoseProbeTheAgentItselfStopped) {
  probe_ = [this] {
    Measurement stopped = failed(starts_.size() == 1 ? Cause::kOverloaded : Cause::kCancelled);
    stopped.failure->origin = Origin::kAgent;
    control_.take(stopped);
    return true;
  };
  run_for(kInterval * 2);
  EXPECT_EQ(control_.skipped(), 2U);
  EXPECT_EQ(control_.latest(), std::nullopt);
}

TEST_F(ControlTargetTest, CatchesUpNothingThatIsMoreThanAnIntervalLate) {
  run_for(kInterval * 10, kInterval * 5);  // two turns only
  EXPECT_EQ(starts_.size(), 2U);
  EXPECT_EQ(control_.skipped(), 8U);
}

}  // namespace
}  // namespace firstbyte::agent
