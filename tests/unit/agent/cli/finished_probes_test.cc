#include "agent/cli/finished_probes.h"

#include <gtest/gtest.h>
#include <poll.h>

#include "tests/fakes/manual_clock.h"

namespace firstbyte::agent {
namespace {

using std::chrono::milliseconds;

Measurement measurement(std::string id, Micros total) {
  Measurement made;
  made.test_id = std::move(id);
  made.timings = Timings::make({}, total).value();
  return made;
}

TEST(FinishedProbes, AreReadableUntilTaken) {
  fakes::ManualClock clock;
  FinishedProbes finished(clock);
  pollfd readable{.fd = finished.fd(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&readable, 1, 0), 0);
  finished.done(measurement("1", Micros{0}));
  finished.done(measurement("2", Micros{0}));
  EXPECT_EQ(poll(&readable, 1, 0), 1);
  EXPECT_EQ(finished.take().size(), 2U);
  EXPECT_EQ(poll(&readable, 1, 0), 0);
  EXPECT_TRUE(finished.take().empty());
}

TEST(FinishedProbes, BeganWhenTheFirstPhaseSaysSo) {
  fakes::ManualClock clock;
  FinishedProbes finished(clock);
  const MonotonicTime began = clock.now();
  clock.advance(milliseconds{2});
  finished.entered_phase("1", milliseconds{2});
  clock.advance(milliseconds{50});
  finished.entered_phase("1", milliseconds{40});
  clock.advance(milliseconds{8});
  finished.done(measurement("1", milliseconds{30}));  // the agent was busy for 30 ms more
  EXPECT_EQ(finished.take().at(0).began, began);
}

TEST(FinishedProbes, BeganTheirTotalAgoWithoutAnyPhase) {
  fakes::ManualClock clock;
  FinishedProbes finished(clock);
  const MonotonicTime began = clock.now();
  clock.advance(milliseconds{3});
  finished.done(measurement("1", milliseconds{3}));
  EXPECT_EQ(finished.take().at(0).began, began);
}

}  // namespace
}  // namespace firstbyte::agent
