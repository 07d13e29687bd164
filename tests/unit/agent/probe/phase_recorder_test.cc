#include "agent/probe/phase_recorder.h"

#include <gtest/gtest.h>

#include <random>
#include <utility>
#include <vector>

#include "tests/fakes/manual_clock.h"

namespace firstbyte::agent {
namespace {

using fakes::ManualClock;
using Entered = std::vector<std::pair<Phase, Micros>>;

Span span(std::int64_t begin, std::int64_t end) { return {Micros{begin}, Micros{end}}; }

TEST(PhaseRecorder, TimesEachPhaseFromItsBeginningToItsEnd) {
  ManualClock clock;
  PhaseRecorder recorder(clock);
  clock.advance(Micros{5});
  recorder.enter(Phase::kDns);
  clock.advance(Micros{20});
  recorder.leave();
  clock.advance(Micros{3});
  recorder.enter(Phase::kConnect);
  clock.advance(Micros{40});
  recorder.leave();
  const Timings timings = recorder.finish();
  EXPECT_EQ(timings.span(Phase::kDns), span(5, 25));
  EXPECT_EQ(timings.span(Phase::kConnect), span(28, 68));
  EXPECT_EQ(timings.total(), Micros{68});
  EXPECT_EQ(timings.other(), Micros{8});
}

TEST(PhaseRecorder, EndsThePhaseThatIsOpenWhenTheNextBegins) {
  ManualClock clock;
  PhaseRecorder recorder(clock);
  recorder.enter(Phase::kWait);
  clock.advance(Micros{30});
  recorder.enter(Phase::kTransfer);
  clock.advance(Micros{12});
  const Timings timings = recorder.finish();
  EXPECT_EQ(timings.span(Phase::kWait), span(0, 30));
  EXPECT_EQ(timings.span(Phase::kTransfer), span(30, 42));
}

TEST(PhaseRecorder, KeepsThePhaseThatFailedOpenUntilTheEnd) {
  ManualClock clock;
  PhaseRecorder recorder(clock);
  recorder.enter(Phase::kConnect);
  clock.advance(Micros{700});
  EXPECT_EQ(recorder.latest(), Phase::kConnect);
  EXPECT_TRUE(recorder.is_open());
  EXPECT_EQ(recorder.finish().span(Phase::kConnect), span(0, 700));
}

TEST(PhaseRecorder, RemembersTheLatestPhaseOnceItIsOver) {
  ManualClock clock;
  PhaseRecorder recorder(clock);
  recorder.enter(Phase::kDns);
  recorder.leave();
  EXPECT_EQ(recorder.latest(), Phase::kDns);
  EXPECT_FALSE(recorder.is_open());
}

TEST(PhaseRecorder, KnowsNoPhaseBeforeTheFirst) {
  ManualClock clock;
  const PhaseRecorder recorder(clock);
  EXPECT_EQ(recorder.latest(), std::nullopt);
}

TEST(PhaseRecorder, ExtendsThePhaseThatIsEnteredAgain) {
  ManualClock clock;
  PhaseRecorder recorder(clock);
  recorder.enter(Phase::kDns);
  clock.advance(Micros{10});
  recorder.leave();
  clock.advance(Micros{1});
  recorder.enter(Phase::kDns);
  clock.advance(Micros{10});
  recorder.leave();
  EXPECT_EQ(recorder.finish().span(Phase::kDns), span(0, 21));
}

TEST(PhaseRecorder, LetsNoPhaseComeBack) {
  ManualClock clock;
  PhaseRecorder recorder(clock);
  recorder.enter(Phase::kTls);
  clock.advance(Micros{10});
  recorder.enter(Phase::kConnect);
  clock.advance(Micros{5});
  EXPECT_EQ(recorder.latest(), Phase::kTls);
  const Timings timings = recorder.finish();
  EXPECT_EQ(timings.span(Phase::kConnect), std::nullopt);
  EXPECT_EQ(timings.span(Phase::kTls), span(0, 15));
}

TEST(PhaseRecorder, LeavesNothingWhenNothingIsOpen) {
  ManualClock clock;
  PhaseRecorder recorder(clock);
  recorder.leave();
  recorder.enter(Phase::kDns);
  clock.advance(Micros{4});
  recorder.leave();
  clock.advance(Micros{4});
  recorder.leave();
  EXPECT_EQ(recorder.finish().span(Phase::kDns), span(0, 4));
}

TEST(PhaseRecorder, TellsOfEachPhaseOnceWithTheTimeItBegan) {
  ManualClock clock;
  Entered entered;
  PhaseRecorder recorder(clock, [&](Phase phase, Micros at) { entered.emplace_back(phase, at); });
  recorder.enter(Phase::kDns);
  clock.advance(Micros{7});
  recorder.enter(Phase::kDns);
  recorder.enter(Phase::kConnect);
  recorder.enter(Phase::kDns);
  EXPECT_EQ(entered, (Entered{{Phase::kDns, Micros{0}}, {Phase::kConnect, Micros{7}}}));
}

// Regression: whoever times a phase from its beginning did not hear that an earlier one was open.
TEST(PhaseRecorder, TellsOfThePhaseThatItGoesBackTo) {
  ManualClock clock;
  Entered entered;
  PhaseRecorder recorder(clock, [&](Phase phase, Micros at) { entered.emplace_back(phase, at); });
  recorder.enter(Phase::kWait);
  clock.advance(Micros{7});
  recorder.back_to(Phase::kConnect);
  clock.advance(Micros{2});
  recorder.enter(Phase::kWait);
  EXPECT_EQ(entered, (Entered{{Phase::kWait, Micros{0}},
                              {Phase::kConnect, Micros{7}},
                              {Phase::kWait, Micros{9}}}));
}

TEST(PhaseRecorder, CountsNoStepOfTheWallClock) {
  ManualClock clock;
  PhaseRecorder recorder(clock);
  recorder.enter(Phase::kWait);
  clock.step_wall(Micros{-3'600'000'000});
  clock.advance(Micros{9});
  EXPECT_EQ(recorder.finish().total(), Micros{9});
}

TEST(PhaseRecorder, GivesTheTimeOfAllThatWasInVainToThePhaseThatBeginsAnew) {
  ManualClock clock;
  PhaseRecorder recorder(clock);
  recorder.enter(Phase::kDns);
  clock.advance(Micros{10});
  recorder.enter(Phase::kWait);  // on a connection that was kept, and is gone
  clock.advance(Micros{30});
  recorder.back_to(Phase::kConnect);
  clock.advance(Micros{5});
  recorder.enter(Phase::kWait);
  clock.advance(Micros{7});
  const Timings timings = recorder.finish();
  EXPECT_EQ(timings.span(Phase::kDns), span(0, 10));
  EXPECT_EQ(timings.span(Phase::kConnect), span(10, 45));
  EXPECT_EQ(timings.span(Phase::kWait), span(45, 52));
}

TEST(PhaseRecorder, DoesNotGoForwardByGoingBack) {
  ManualClock clock;
  PhaseRecorder recorder(clock);
  recorder.back_to(Phase::kConnect);
  recorder.enter(Phase::kDns);
  recorder.back_to(Phase::kConnect);
  EXPECT_EQ(recorder.latest(), Phase::kDns);
  EXPECT_FALSE(recorder.finish().span(Phase::kConnect));
}

TEST(PhaseRecorder, AddsUpWhateverTheOrderOfEvents) {
  std::mt19937 random(5);
  for (int round = 0; round < 5'000; ++round) {
    ManualClock clock;
    PhaseRecorder recorder(clock);
    Micros real{0};
    for (auto events = random() % 20; events > 0; --events) {
      // Nanoseconds, so that rounding could leave a gap or an overlap if it were done twice.
      const std::chrono::nanoseconds by{random() % 5'000};
      clock.advance(by);
      if (random() % 3 == 0) {
        recorder.leave();
      } else if (random() % 8 == 0) {
        recorder.back_to(kPhases[random() % kPhaseCount]);
      } else {
        recorder.enter(kPhases[random() % kPhaseCount]);
      }
    }
    real = recorder.elapsed();
    const Timings timings = recorder.finish();
    ASSERT_EQ(timings.total(), real);
    Micros sum = timings.other();
    ASSERT_GE(sum, Micros{0});
    for (const Phase phase : kPhases) sum += timings.duration(phase).value_or(Micros{0});
    ASSERT_EQ(sum, real);
  }
}

}  // namespace
}  // namespace firstbyte::agent
