#include "lab/wire/event_loop.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>

namespace firstbyte::wire {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

Fd readable() { return Fd(eventfd(1, EFD_NONBLOCK)); }

TEST(EventLoop, CallsForWhatIsReady) {
  EventLoop loop;
  const Fd ready = readable();
  int calls = 0;
  loop.watch(ready.get(), [&] { ++calls; });
  loop.wait(MonotonicTime::max());
  loop.wait(MonotonicTime::max());
  EXPECT_EQ(calls, 2);  // as long as there is something to read
}

TEST(EventLoop, CallsNothingThatWasForgotten) {
  EventLoop loop;
  const Fd forgotten = readable();
  const Fd other = readable();
  int calls = 0;
  loop.watch(forgotten.get(), [&] { ++calls; });
  loop.watch(other.get(), [&] { loop.forget(other.get()); });
  loop.forget(forgotten.get());
  loop.wait(MonotonicTime::max());
  loop.wait(SteadyClock::now());
  EXPECT_EQ(calls, 0);
}

TEST(EventLoop, ReturnsByTheTimeThatSomethingIsDue) {
  EventLoop loop;
  const MonotonicTime due = SteadyClock::now() + 5ms;
  while (SteadyClock::now() < due) loop.wait(due);
  EXPECT_LT(SteadyClock::now(), due + 5s);
}

TEST(EventLoop, SleepsUntilJustBeforeSomethingIsDue) {
  EventLoop loop;
  const MonotonicTime due = SteadyClock::now() + 20ms;
  loop.wait(due);
  EXPECT_GE(SteadyClock::now(), due - EventLoop::kSpin);
}

TEST(EventLoop, HearsWhatComesBeforeSomethingIsDue) {
  EventLoop loop;
  const Fd ready = readable();
  bool called = false;
  loop.watch(ready.get(), [&] { called = true; });
  loop.wait(SteadyClock::now() + 1h);
  EXPECT_TRUE(called);
}

TEST(EventLoop, CanBeGivenALaterTimeAndThenAnEarlierOne) {
  EventLoop loop;
  const Fd ready = readable();
  loop.watch(ready.get(), [] {});
  loop.wait(SteadyClock::now() + 1h);  // the timer is set, and something else is ready
  loop.forget(ready.get());
  const MonotonicTime due = SteadyClock::now() + 2ms;
  loop.wait(due);
  EXPECT_LT(SteadyClock::now(), due + 5s);
}

}  // namespace
}  // namespace firstbyte::wire
