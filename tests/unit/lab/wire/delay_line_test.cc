#include "lab/wire/delay_line.h"

#include <gtest/gtest.h>

#include <set>

namespace firstbyte::wire {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

constexpr MonotonicTime kStart{1000s};
constexpr WireSettings kDelayed{.delay = Micros{10'000}};

class DelayLineTest : public testing::Test {
 protected:
  // How long after kStart a packet leaves that arrived so long after it.
  nanoseconds leaves(nanoseconds arrival, const WireSettings& settings, std::size_t bytes = 100) {
    const auto deadline = line_.admit(kStart + arrival, bytes, settings);
    if (!deadline) {
      ADD_FAILURE() << "dropped";
      return {};
    }
    return *deadline - kStart;
  }
  // What becomes of it instead.
  std::optional<DelayLine::Drop> dropped(nanoseconds arrival, const WireSettings& settings,
                                         std::size_t bytes = 100) {
    const auto deadline = line_.admit(kStart + arrival, bytes, settings);
    if (deadline) return std::nullopt;
    return deadline.error();
  }

  Random random_{1};
  DelayLine line_{random_};
};

TEST_F(DelayLineTest, AddsTheDelayToTheTimeOfArrival) {
  EXPECT_EQ(leaves(0ms, kDelayed), 10ms);
  EXPECT_EQ(leaves(1ms, kDelayed), 11ms);
  EXPECT_EQ(leaves(500ms, kDelayed, 65'000), 510ms);
}

TEST_F(DelayLineTest, LetsThroughAtOnceWithoutADelay) { EXPECT_EQ(leaves(3ms, {}), 3ms); }

TEST_F(DelayLineTest, KeepsTheOrderWhenTheDelayShrinks) {
  EXPECT_EQ(leaves(0ms, kDelayed), 10ms);
  EXPECT_EQ(leaves(1ms, {.delay = Micros{1'000}}), 10ms);
  EXPECT_EQ(leaves(20ms, {.delay = Micros{1'000}}), 21ms);
}

TEST_F(DelayLineTest, KeepsTheOrderOfArrivalsThatWereStampedOutOfOrder) {
  EXPECT_EQ(leaves(5ms, kDelayed), 15ms);
  EXPECT_EQ(leaves(4ms, kDelayed), 15ms);
}

TEST_F(DelayLineTest, HasForgottenWhatWasInFlightOnceItIsCleared) {
  EXPECT_EQ(leaves(0ms, {.delay = Micros{1'000'000}}), 1s);
  line_.clear();
  EXPECT_EQ(leaves(1ms, kDelayed), 11ms);
}

TEST_F(DelayLineTest, DropsEverythingWhileItIsDown) {
  EXPECT_EQ(dropped(0ms, {.up = false}), DelayLine::Drop::kDown);
  EXPECT_EQ(leaves(1ms, kDelayed), 11ms);
}

// --------------------------------------------------------------------------------------------------
// jitter

TEST_F(DelayLineTest, JittersBothWaysAndNoFurtherThanItMay) {
  const WireSettings settings{.delay = Micros{10'000}, .jitter = Micros{2'000}};
  nanoseconds least = 1h;
  nanoseconds most{0};
  for (int i = 0; i < 2'000; ++i) {
    const nanoseconds arrival = i * 10ms;  // far apart, so the order changes nothing
    const nanoseconds delay = leaves(arrival, settings) - arrival;
    least = std::min(least, delay);
    most = std::max(most, delay);
  }
  EXPECT_GE(least, 8ms);
  EXPECT_LT(least, 8050us);
  EXPECT_LE(most, 12ms);
  EXPECT_GT(most, 11950us);
}

TEST_F(DelayLineTest, NeverSendsBeforeTheArrivalHoweverLargeTheJitter) {
  const WireSettings settings{.delay = Micros{100}, .jitter = Micros{5'000}};
  for (int i = 0; i < 500; ++i) {
    const nanoseconds arrival = i * 20ms;
    ASSERT_GE(leaves(arrival, settings), arrival);
  }
}

TEST_F(DelayLineTest, NeverReordersByJitter) {
  const WireSettings settings{.delay = Micros{10'000}, .jitter = Micros{10'000}};
  nanoseconds last{0};
  for (int i = 0; i < 1'000; ++i) {
    const nanoseconds now = leaves(i * 100us, settings);
    ASSERT_GE(now, last);
    last = now;
  }
}

// --------------------------------------------------------------------------------------------------
// loss

TEST_F(DelayLineTest, LosesTheShareItShould) {
  const WireSettings settings{.loss_percent = 25};
  int lost = 0;
  for (int i = 0; i < 10'000; ++i) lost += dropped(i * 1ms, settings).has_value() ? 1 : 0;
  EXPECT_NEAR(lost, 2'500, 150);
}

TEST_F(DelayLineTest, LosesAllOrNothingAtTheEnds) {
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(dropped(0ms, {.loss_percent = 100}), DelayLine::Drop::kLost);
    ASSERT_EQ(dropped(0ms, {.loss_percent = 0}), std::nullopt);
  }
}

TEST_F(DelayLineTest, LosesTheSamePacketsForTheSameSeed) {
  const auto fates = [] {
    Random random{7};
    DelayLine line(random);
    std::vector<bool> passed;
    for (int i = 0; i < 200; ++i) {
      passed.push_back(line.admit(kStart, 1, {.loss_percent = 50}).has_value());
    }
    return passed;
  };
  EXPECT_EQ(fates(), fates());
}

// --------------------------------------------------------------------------------------------------
// rate

constexpr WireSettings kTenMbit{.delay = Micros{10'000}, .rate_mbit = 10};

TEST_F(DelayLineTest, AddsTheTimeThatSendingTakes) {
  EXPECT_EQ(leaves(0ms, kTenMbit, 1'250), 11ms);  // 10,000 bits at 10 Mbit/s: 1 ms
}

TEST_F(DelayLineTest, SendsOneAfterTheOther) {
  EXPECT_EQ(leaves(0ms, kTenMbit, 1'250), 11ms);
  EXPECT_EQ(leaves(0ms, kTenMbit, 1'250), 12ms);
  EXPECT_EQ(leaves(500us, kTenMbit, 2'500), 14ms);
  EXPECT_EQ(leaves(50ms, kTenMbit, 1'250), 61ms);  // idle in between
}

TEST_F(DelayLineTest, QueuesATenthOfASecondAndDropsWhatComesThen) {
  for (int i = 0; i < 101; ++i) ASSERT_EQ(dropped(0ms, kTenMbit, 1'250), std::nullopt) << i;
  EXPECT_EQ(dropped(0ms, kTenMbit, 1'250), DelayLine::Drop::kOverflowed);
  EXPECT_EQ(dropped(1ms, kTenMbit, 1'250), std::nullopt);
}

TEST_F(DelayLineTest, ALostPacketHasTakenItsTime) {
  WireSettings losing = kTenMbit;
  losing.loss_percent = 100;
  EXPECT_EQ(dropped(0ms, losing, 1'250), DelayLine::Drop::kLost);
  EXPECT_EQ(leaves(0ms, kTenMbit, 1'250), 12ms);
}

TEST_F(DelayLineTest, DropsNothingOnceTheLimitIsLifted) {
  EXPECT_EQ(leaves(0ms, {.rate_mbit = 0.1}, 12'500), 1s);
  EXPECT_EQ(leaves(1ms, {}), 1s);  // behind the one that is on its way
  EXPECT_EQ(leaves(2s, {}), 2s);
}

TEST_F(DelayLineTest, SurvivesARateThatIsNextToNothing) {
  EXPECT_GT(leaves(0ms, {.rate_mbit = 1e-300}, 65'000), 1min);
  EXPECT_EQ(dropped(1s, {.rate_mbit = 1e-300}), DelayLine::Drop::kOverflowed);
}

}  // namespace
}  // namespace firstbyte::wire
