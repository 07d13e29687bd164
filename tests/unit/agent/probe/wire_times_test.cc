#include "agent/probe/wire_times.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/fakes/manual_clock.h"

namespace firstbyte::agent {
namespace {

using namespace std::chrono_literals;

const WallTime kWall{Micros{1'790'000'000'000'000}};
const MonotonicTime kStart{1h};
constexpr Micros kTotal{100'000};

KernelTime stamp(Micros since_start) { return kWall + since_start; }

// The wall clock and the monotonic one ran alike, but for what the wall clock gained.
StampMap a_map(Micros gained = 0us) {
  return {{kStart, kWall}, {kStart + kTotal, kWall + kTotal + gained}};
}

PhaseSpans seen(Phase phase, Span span) {
  PhaseSpans spans;
  spans[static_cast<std::size_t>(phase)] = span;
  return spans;
}

const Span& at(const PhaseSpans& spans, Phase phase) {
  return *spans[static_cast<std::size_t>(phase)];
}

TEST(WireTimes, TakesTheKernelsWordForWhenAPhaseBeganAndEnded) {
  WireTimes wire;
  wire.add_turn(Phase::kDns, stamp(150us), stamp(4'150us));
  const PhaseSpans spans = wire.refine(seen(Phase::kDns, {100us, 84'000us}), a_map(), kTotal);
  EXPECT_EQ(at(spans, Phase::kDns), (Span{150us, 4'150us, 0us, Span::Clock::kKernel}));
}

TEST(WireTimes, LeavesAPhaseWithoutStampsAsTheAgentSawIt) {
  const Span span{100us, 4'200us};
  const PhaseSpans spans = WireTimes().refine(seen(Phase::kDns, span), a_map(), kTotal);
  EXPECT_EQ(at(spans, Phase::kDns), span);
  EXPECT_EQ(at(spans, Phase::kDns).clock, Span::Clock::kAgent);
}

TEST(WireTimes, CountsWhatLiesBetweenTwoTurnsAsTheAgentsOwn) {
  WireTimes wire;
  wire.add_turn(Phase::kTls, stamp(1'000us), stamp(6'000us));
  wire.add_turn(Phase::kTls, stamp(6'800us), stamp(11'800us));
  const PhaseSpans spans = wire.refine(seen(Phase::kTls, {900us, 12'000us}), a_map(), kTotal);
  EXPECT_EQ(at(spans, Phase::kTls), (Span{1'000us, 11'800us, 800us, Span::Clock::kKernel}));
  EXPECT_EQ(at(spans, Phase::kTls).duration(), 10'000us);
}

TEST(WireTimes, PlacesAPhaseOfKnownDurationWhereTheAgentSawItBegin) {
  WireTimes wire;
  wire.set_duration(Phase::kConnect, 60us);
  const PhaseSpans spans = wire.refine(seen(Phase::kConnect, {500us, 900us}), a_map(), kTotal);
  EXPECT_EQ(at(spans, Phase::kConnect), (Span{500us, 560us, 0us, Span::Clock::kKernel}));
}

TEST(WireTimes, DoubtsAWholePhaseForOneMissingStamp) {
  WireTimes wire;
  wire.add_turn(Phase::kTls, stamp(1'000us), stamp(6'000us));
  wire.doubt(Phase::kTls);
  const Span span{900us, 12'000us};
  EXPECT_EQ(at(wire.refine(seen(Phase::kTls, span), a_map(), kTotal), Phase::kTls), span);
}

// Regression: an AAAA query that nobody answered left the A query's stamps standing, and the wait
// for it became the agent's own time.
TEST(WireTimes, DoubtsAPhaseThatStillWaits) {
  WireTimes wire;
  wire.open_turn(Phase::kDns);
  wire.add_turn(Phase::kDns, stamp(150us), stamp(4'150us));
  wire.open_turn(Phase::kDns);
  const Span span{100us, 90'000us};
  EXPECT_EQ(at(wire.refine(seen(Phase::kDns, span), a_map(), kTotal), Phase::kDns), span);
}

TEST(WireTimes, DoubtsStampsThatRunBackwards) {
  WireTimes wire;
  wire.add_turn(Phase::kWait, stamp(6'000us), stamp(5'000us));
  const Span span{900us, 12'000us};
  EXPECT_EQ(at(wire.refine(seen(Phase::kWait, span), a_map(), kTotal), Phase::kWait), span);
}

TEST(WireTimes, DoubtsAnArrivalThatTheAgentHadAlreadySeen) {
  WireTimes wire;
  wire.add_turn(Phase::kWait, stamp(1'000us), stamp(13'000us));
  const Span span{900us, 12'000us};
  EXPECT_EQ(at(wire.refine(seen(Phase::kWait, span), a_map(), kTotal), Phase::kWait), span);
}

TEST(WireTimes, TrustsNoStampWhenTheWallClockWasSet) {
  WireTimes wire;
  wire.add_turn(Phase::kDns, stamp(150us), stamp(4'150us));
  const Span span{100us, 4'200us};
  for (const Micros gained : {Micros{1h}, -Micros{1s}, Micros{2ms}}) {
    const PhaseSpans spans = wire.refine(seen(Phase::kDns, span), a_map(gained), kTotal);
    EXPECT_EQ(at(spans, Phase::kDns), span);
  }
}

TEST(WireTimes, ScalesStampsOfAWallClockThatIsSlewed) {
  // 500 ppm fast: it gained 50 us of the probe's 100 ms.
  WireTimes wire;
  wire.add_turn(Phase::kWait, stamp(10'005us), stamp(90'045us));
  const PhaseSpans spans =
      wire.refine(seen(Phase::kWait, {9'000us, 99'000us}), a_map(50us), kTotal);
  EXPECT_EQ(at(spans, Phase::kWait).duration(), 80'000us);
}

TEST(WireTimes, MovesTheAgentsOwnBoundaryBehindTheKernels) {
  // The first byte came before the agent saw the answer; the answer's end has no stamp.
  WireTimes wire;
  wire.add_turn(Phase::kWait, stamp(1'000us), stamp(6'000us));
  PhaseSpans spans = seen(Phase::kWait, {900us, 7'000us});
  spans[static_cast<std::size_t>(Phase::kTransfer)] = Span{7'000us, 8'000us};
  spans = wire.refine(spans, a_map(), kTotal);
  EXPECT_EQ(at(spans, Phase::kWait).end, 6'000us);
  EXPECT_EQ(at(spans, Phase::kTransfer), (Span{7'000us, 8'000us}));
}

// Whatever stamps there are, in whatever disorder: the phases and `other` add up to the total.
TEST(WireTimes, NeverMakesTimingsThatContradictThemselves) {
  std::mt19937 random(7);
  const auto any = [&](std::int64_t most) {
    return Micros{std::uniform_int_distribution<std::int64_t>(-most / 10, most)(random)};
  };
  for (int round = 0; round < 5'000; ++round) {
    std::array<Micros, 2 * kPhaseCount> bounds;
    for (Micros& bound : bounds) bound = std::clamp(any(100'000), Micros{}, kTotal);
    std::ranges::sort(bounds);
    PhaseSpans spans;
    WireTimes wire;
    for (std::size_t i = 0; i < kPhaseCount; ++i) {
      if (random() % 4 == 0) continue;
      spans[i] = Span{bounds[2 * i], bounds[2 * i + 1]};
      for (std::uint32_t turn = random() % 3; turn > 0; --turn) {
        wire.add_turn(kPhases[i], stamp(any(120'000)), stamp(any(120'000)));
      }
      if (random() % 8 == 0) wire.set_duration(kPhases[i], std::max(Micros{}, any(120'000)));
      if (random() % 8 == 0) wire.doubt(kPhases[i]);
    }
    const PhaseSpans refined = wire.refine(spans, a_map(any(300)), kTotal);
    const auto timings = Timings::make(refined, kTotal);
    ASSERT_TRUE(timings) << timings.error().message;
    Micros sum = timings->other();
    for (const Phase phase : kPhases) sum += timings->duration(phase).value_or(Micros{});
    ASSERT_EQ(sum, kTotal);
    ASSERT_GE(timings->other(), Micros{});
  }
}

}  // namespace
}  // namespace firstbyte::agent
