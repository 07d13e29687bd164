#include "collector/drills/recovery.h"

#include <gtest/gtest.h>

#include "tests/unit/collector/drills/drill_examples.h"

namespace firstbyte::collector::recovery_test {
namespace {

using drill_examples::after_baseline;
using drill_examples::city;
using drill_examples::due;
using drill_examples::kBaseline;
using drill_examples::kInjected;
using drill_examples::kInterval;
using std::chrono::milliseconds;

constexpr std::size_t kT0 = kBaseline.size();

Recovery recovery(std::string_view letters) {
  return recovery_of(after_baseline(letters), kInjected);
}

TEST(Recovery, ACityThatNothingHappensToIsUnaffected) {
  const Recovery found = recovery("nnnnnnnnnn");
  EXPECT_EQ(found.course, Course::kUnaffected);
  EXPECT_EQ(found.before.edge, "ny1");
  EXPECT_EQ(found.before.ttfb_median, Micros{34'000});
  EXPECT_EQ(found.tally, (Tally{.expected = 10, .answered = 10}));
  EXPECT_FALSE(found.outage || found.rerouted_after || found.first_failure ||
               found.last_old_answer);
}

TEST(Recovery, AReroutedCityHasEachMomentOfItsWay) {
  const Recovery found = recovery("nnxxxlllllll");
  EXPECT_EQ(found.course, Course::kRerouted);
  EXPECT_EQ(found.last_old_answer->at, due(kT0 + 1) + milliseconds{34});
  EXPECT_EQ(found.first_failure->at, due(kT0 + 2));
  EXPECT_EQ(found.first_new_answer->at, due(kT0 + 5) + milliseconds{231});
  EXPECT_EQ(found.stable_since, found.first_new_answer);
  EXPECT_EQ(found.tally.failed, 3U);
  EXPECT_EQ(found.rerouted_after->length, 5 * kInterval + milliseconds{231});
  EXPECT_EQ(found.outage->length, 4 * kInterval + milliseconds{231 - 34});
}

TEST(Recovery, AResolutionStandsBesideEachLength) {
  Moment injected = kInjected;
  injected.error = Micros{7'000};
  const Recovery found = recovery_of(after_baseline("xxlllll"), injected);
  EXPECT_EQ(found.rerouted_after->error, kInterval + Micros{2'000} + Micros{7'000});
  EXPECT_EQ(found.first_failure->error, kInterval + Micros{2'000});
  // Both ends are told by one clock.
  EXPECT_EQ(found.outage->error, kInterval);
}

TEST(Recovery, ADetourWithoutAFailureIsNoOutage) {
  const Recovery found = recovery("nllllll");
  EXPECT_EQ(found.course, Course::kMoved);
  EXPECT_FALSE(found.outage);
  EXPECT_EQ(found.before.ttfb_median, Micros{34'000});
  EXPECT_EQ(found.after.ttfb_median, Micros{231'000});
  EXPECT_EQ(found.after.phase_medians[0], Micros{115'500});
}

TEST(Recovery, ASegmentSentAgainIsNoFailure) {
  const Recovery found = recovery("nrlllll");
  EXPECT_EQ(found.course, Course::kMoved);
  EXPECT_EQ(found.tally.failed, 0U);
  EXPECT_EQ(found.tally.resent, 1U);
}

TEST(Recovery, WhoeverComesBackToTheSameEdgeWasInterrupted) {
  const Recovery found = recovery("nxxnnnnnnn");
  EXPECT_EQ(found.course, Course::kInterrupted);
  EXPECT_FALSE(found.first_new_answer);
  EXPECT_EQ(found.outage->length, 3 * kInterval);
}

TEST(Recovery, SeveralOutagesAddUp) {
  const Recovery found = recovery("nxnxnnnnn");
  EXPECT_EQ(found.outage->length, 4 * kInterval);
  EXPECT_EQ(found.outage->error, 2 * kInterval);
}

TEST(Recovery, WithoutAnAnswerToTheEndTheCityIsLost) {
  const Recovery found = recovery("nxxxxxx");
  EXPECT_EQ(found.course, Course::kLost);
  EXPECT_FALSE(found.stable_since || found.rerouted_after);
  EXPECT_EQ(found.outage->length, 6 * kInterval - milliseconds{34});
}

TEST(Recovery, FourAnswersAreNotStableYet) {
  EXPECT_EQ(recovery("nxxllll").course, Course::kLost);
  EXPECT_EQ(recovery("nxxlllll").course, Course::kRerouted);
}

TEST(Recovery, StableIsWhatNoFailureFollows) {
  const Recovery found = recovery("nxlllllxlllll");
  EXPECT_EQ(found.first_new_answer->at, due(kT0 + 2) + milliseconds{231});
  EXPECT_EQ(found.stable_since->at, due(kT0 + 8) + milliseconds{231});
}

TEST(Recovery, MissingDataIsNeitherWellNorFailed) {
  const Recovery found = recovery("nn--snnnnnnn");
  EXPECT_EQ(found.course, Course::kUnknown);
  EXPECT_EQ(found.tally, (Tally{.expected = 12, .answered = 9, .no_data = 2, .skipped = 1}));
  EXPECT_FALSE(found.outage);
}

TEST(Recovery, ACityThatFallsSilentIsUnknown) {
  EXPECT_EQ(recovery("nn--------").course, Course::kUnknown);
}

TEST(Recovery, ABaselineThatIsNotSteadyTellsNothing) {
  EXPECT_EQ(recovery_of(city("nlnlnlnlnlnlnlnlnlnlllllllll"), kInjected).course, Course::kUnknown);
  const Moment early{due(kLeastBaselineSlots - 1), Micros{0}};
  EXPECT_EQ(recovery_of(city("nnnnnnnnnllllllll"), early).course, Course::kUnknown);
}

TEST(Recovery, SlotsWithinTheInjectionsErrorAreNotTheBaselines) {
  Moment injected = kInjected;
  injected.error = 2 * kInterval;
  EXPECT_EQ(recovery_of(after_baseline("lllll"), injected).before.tally.expected, kT0 - 2);
}

TEST(Recovery, WhereNobodySaysWhoAnsweredNobodyMoved) {
  CitySlots nameless = after_baseline("nxxnnnnn");
  for (Slot& slot : nameless.slots) slot.edge.clear();
  EXPECT_EQ(recovery_of(nameless, kInjected).course, Course::kInterrupted);
}

}  // namespace
}  // namespace firstbyte::collector::recovery_test
