#include "common/measurement.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <set>
#include <string>

namespace firstbyte {
namespace {

Span span(std::int64_t begin, std::int64_t end) { return {Micros{begin}, Micros{end}}; }

PhaseSpans only(Phase phase, Span when) {
  PhaseSpans spans;
  spans[static_cast<std::size_t>(phase)] = when;
  return spans;
}

Micros sum_of_phases(const Timings& timings) {
  Micros sum{0};
  for (const Phase phase : kPhases) sum += timings.duration(phase).value_or(Micros{0});
  return sum;
}

// Any phases at all, at any ordered times: ten cuts through [0, total].
PhaseSpans random_spans(std::mt19937& random, Micros total) {
  std::uniform_int_distribution<std::int64_t> point(0, total.count());
  std::array<std::int64_t, 2 * kPhaseCount> cuts{};
  std::ranges::generate(cuts, [&] { return point(random); });
  std::ranges::sort(cuts);
  PhaseSpans spans;
  for (std::size_t i = 0; i < kPhaseCount; ++i) {
    if (random() % 4 != 0) spans[i] = span(cuts[2 * i], cuts[2 * i + 1]);
  }
  return spans;
}

TEST(Timings, PhasesAndOtherAddUpToTheTotalWhateverHappened) {
  std::mt19937 random(1);
  for (int round = 0; round < 10'000; ++round) {
    const Micros total{static_cast<std::int64_t>(random() % 2'000'000)};
    const auto timings = Timings::make(random_spans(random, total), total);
    ASSERT_TRUE(timings) << timings.error().message;
    ASSERT_EQ(sum_of_phases(*timings) + timings->other(), total);
    ASSERT_GE(timings->other(), Micros{0});
  }
}

TEST(Timings, RefusesWhateverDoesNotAddUp) {
  std::mt19937 random(2);
  std::uniform_int_distribution<std::int64_t> point(-5, 40);
  int made = 0;
  for (int round = 0; round < 20'000; ++round) {
    PhaseSpans spans;
    for (auto& when : spans) {
      if (random() % 2 == 0) when = span(point(random), point(random));
    }
    const auto timings = Timings::make(spans, Micros{point(random)});
    if (!timings) continue;
    ++made;
    ASSERT_GE(timings->other(), Micros{0});
    ASSERT_EQ(sum_of_phases(*timings) + timings->other(), timings->total());
    for (const Phase phase : kPhases)
      ASSERT_GE(timings->duration(phase).value_or(Micros{0}), Micros{0});
  }
  EXPECT_GT(made, 100);
}

TEST(Timings, AreEmptyByDefault) {
  const Timings timings;
  EXPECT_EQ(timings.total(), Micros{0});
  EXPECT_EQ(timings.other(), Micros{0});
  EXPECT_EQ(timings.ttfb(), std::nullopt);
  for (const Phase phase : kPhases) EXPECT_EQ(timings.duration(phase), std::nullopt);
}

TEST(Timings, CallWhatNoPhaseCoversOther) {
  const auto timings = Timings::make(
      {span(10, 110), std::nullopt, std::nullopt, std::nullopt, std::nullopt}, Micros{150});
  EXPECT_EQ(timings->other(), Micros{50});
}

TEST(Timings, AcceptPhasesThatTouch) {
  EXPECT_TRUE(
      Timings::make({span(0, 5), span(5, 9), span(9, 9), span(9, 12), span(12, 20)}, Micros{20}));
}

TEST(Timings, RefuseOverlappingPhases) {
  const auto timings =
      Timings::make({span(0, 6), span(5, 9), std::nullopt, std::nullopt, std::nullopt}, Micros{20});
  ASSERT_FALSE(timings);
  EXPECT_EQ(timings.error().field, "connect");
  EXPECT_EQ(timings.error().kind, Error::Kind::kInvalid);
}

TEST(Timings, RefusePhasesOutOfOrder) {
  const auto timings = Timings::make(
      {span(10, 12), std::nullopt, span(1, 2), std::nullopt, std::nullopt}, Micros{20});
  ASSERT_FALSE(timings);
  EXPECT_EQ(timings.error().field, "tls");
}

TEST(Timings, RefuseAPhaseThatRunsBackwards) {
  const auto timings = Timings::make(only(Phase::kWait, span(9, 8)), Micros{20});
  ASSERT_FALSE(timings);
  EXPECT_EQ(timings.error().field, "wait");
}

TEST(Timings, RefuseAPhaseBeforeTheStart) {
  EXPECT_FALSE(Timings::make(only(Phase::kDns, span(-1, 8)), Micros{20}));
}

TEST(Timings, RefuseAPhaseBeyondTheTotal) {
  const auto timings = Timings::make(only(Phase::kTransfer, span(9, 21)), Micros{20});
  ASSERT_FALSE(timings);
  EXPECT_EQ(timings.error().field, "transfer");
}

TEST(Timings, RefuseANegativeTotal) {
  const auto timings = Timings::make({}, Micros{-1});
  ASSERT_FALSE(timings);
  EXPECT_EQ(timings.error().field, "total");
}

TEST(Timings, CountTheTtfbFromTheStartOwnTimeIncluded) {
  const auto timings = Timings::make(
      {span(1, 10), span(12, 20), span(25, 40), span(44, 90), span(90, 99)}, Micros{100});
  EXPECT_EQ(timings->ttfb(), Micros{90});
}

TEST(Timings, HaveNoTtfbWithoutAFirstByte) {
  EXPECT_EQ(Timings::make(only(Phase::kWait, span(5, 20)), Micros{20})->ttfb(), std::nullopt);
}

// Each value of an enumeration has a spelling of its own that reads back as that value.
template <typename Enum, typename Parse>
void expect_round_trip(Enum last, Parse parse) {
  std::set<std::string_view> spellings;
  for (int number = 0; number <= static_cast<int>(last); ++number) {
    const auto value = static_cast<Enum>(number);
    EXPECT_EQ(parse(to_string(value)), value) << to_string(value);
    EXPECT_TRUE(spellings.insert(to_string(value)).second) << to_string(value);
  }
  EXPECT_EQ(parse(""), std::nullopt);
  EXPECT_EQ(parse("Nonsense"), std::nullopt);
}

TEST(Phase, IsReadAsItIsSpelt) { expect_round_trip(Phase::kTransfer, phase_from_string); }
TEST(Origin, IsReadAsItIsSpelt) { expect_round_trip(Origin::kAgent, origin_from_string); }
TEST(Cause, IsReadAsItIsSpelt) { expect_round_trip(Cause::kInternal, cause_from_string); }
TEST(CityState, IsReadAsItIsSpelt) {
  expect_round_trip(CityState::kTimedOut, city_state_from_string);
}

TEST(Phase, IsSpeltAsTheTerminologySays) {
  EXPECT_EQ(to_string(Phase::kDns), "dns");
  EXPECT_EQ(to_string(Phase::kConnect), "connect");
  EXPECT_EQ(to_string(Phase::kTls), "tls");
  EXPECT_EQ(to_string(Phase::kWait), "wait");
  EXPECT_EQ(to_string(Phase::kTransfer), "transfer");
}

TEST(Cause, IsSpeltAsTheTerminologySays) {
  EXPECT_EQ(to_string(Cause::kNxdomain), "nxdomain");
  EXPECT_EQ(to_string(Cause::kBadAnswer), "bad_answer");
  EXPECT_EQ(to_string(Cause::kTimeout), "timeout");
  EXPECT_EQ(to_string(Cause::kNameMismatch), "name_mismatch");
  EXPECT_EQ(to_string(Cause::kAddressNotAllowed), "address_not_allowed");
  EXPECT_EQ(to_string(Cause::kInternal), "internal");
}

TEST(CityState, OfARunningPhaseHasThePhasesName) {
  for (const Phase phase : kPhases) EXPECT_EQ(to_string(running_state(phase)), to_string(phase));
}

TEST(CityState, IsTerminalFromFinishedOn) {
  EXPECT_FALSE(is_terminal(CityState::kDispatched));
  EXPECT_FALSE(is_terminal(CityState::kTransfer));
  EXPECT_TRUE(is_terminal(CityState::kFinished));
  EXPECT_TRUE(is_terminal(CityState::kFailed));
  EXPECT_TRUE(is_terminal(CityState::kOffline));
  EXPECT_TRUE(is_terminal(CityState::kTimedOut));
}

}  // namespace
}  // namespace firstbyte
