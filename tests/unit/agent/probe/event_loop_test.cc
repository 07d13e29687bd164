#include "agent/probe/event_loop.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <optional>
#include <thread>
#include <vector>

#include "tests/fakes/manual_clock.h"

namespace firstbyte::agent {
namespace {

using std::chrono::milliseconds;

// A descriptor that is readable from the start, or from signal() on.
class Event {
 public:
  explicit Event(bool ready) : fd_(eventfd(ready ? 1 : 0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~Event() { close(); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  int fd() const { return fd_; }
  void signal() const { eventfd_write(fd_, 1); }
  void drain() const {
    eventfd_t ignored = 0;
    eventfd_read(fd_, &ignored);
  }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

class EventLoopTest : public testing::Test {
 protected:
  MonotonicTime in(milliseconds delay) const { return clock_.now() + delay; }
  // Turns after which everything due has run: what a task posts waits for the next turn.
  void run_a_few_turns(int turns = 3) {
    if (turns == 0) {
      loop_.stop();
    } else {
      loop_.post([this, turns] { run_a_few_turns(turns - 1); });
    }
  }
  void run() {
    run_a_few_turns();
    loop_.run();
  }

  fakes::ManualClock clock_;
  EventLoop loop_{clock_};
  std::vector<int> order_;
};

TEST_F(EventLoopTest, RunsTimersByTheirTime) {
  loop_.call_at(in(milliseconds{20}), [&] { order_.push_back(2); });
  loop_.call_at(in(milliseconds{10}), [&] { order_.push_back(1); });
  clock_.advance(milliseconds{30});
  run();
  EXPECT_EQ(order_, (std::vector{1, 2}));
}

TEST_F(EventLoopTest, RunsTimersOfTheSameTimeInTheOrderTheyWereSet) {
  for (const int i : {1, 2, 3})
    loop_.call_at(in(milliseconds{10}), [&, i] { order_.push_back(i); });
  clock_.advance(milliseconds{11});
  run();
  EXPECT_EQ(order_, (std::vector{1, 2, 3}));
}

// Regression: at exactly its time a timer was due for the wait but not for the run, so the loop
// span.
TEST_F(EventLoopTest, RunsATimerAtExactlyItsTime) {
  loop_.call_at(in(milliseconds{10}), [&] { order_.push_back(1); });
  clock_.advance(milliseconds{10});
  run();
  EXPECT_EQ(order_, std::vector{1});
}

TEST_F(EventLoopTest, RunsNoTimerBeforeItsTime) {
  loop_.call_at(in(milliseconds{10}), [&] { order_.push_back(1); });
  clock_.advance(milliseconds{9});
  run();
  EXPECT_TRUE(order_.empty());
}

TEST_F(EventLoopTest, RunsATimerOnce) {
  loop_.call_at(clock_.now(), [&] { order_.push_back(1); });
  run();
  EXPECT_EQ(order_.size(), 1U);
}

TEST_F(EventLoopTest, RunsNoTimerThatWasCancelled) {
  const auto timer = loop_.call_at(clock_.now(), [&] { order_.push_back(1); });
  loop_.cancel(timer);
  run();
  EXPECT_TRUE(order_.empty());
}

TEST_F(EventLoopTest, LetsATimerCancelAnotherThatIsDue) {
  std::optional<EventLoop::TimerId> second;
  loop_.call_at(clock_.now(), [&] { loop_.cancel(*second); });
  second = loop_.call_at(clock_.now(), [&] { order_.push_back(2); });
  run();
  EXPECT_TRUE(order_.empty());
}

TEST_F(EventLoopTest, MindsNoTimerThatIsCancelledTooLate) {
  std::optional<EventLoop::TimerId> timer;
  timer = loop_.call_at(clock_.now(), [&] { loop_.cancel(*timer); });
  run();
}

// Otherwise a timer that sets itself for now would keep the sockets from their turn for ever.
TEST_F(EventLoopTest, LeavesWhatATimerSetsForNowToTheNextTurn) {
  Event event(true);
  loop_.watch(event.fd(), EPOLLIN, [&](std::uint32_t) {
    if (!order_.empty()) event.drain();  // it has two turns
    order_.push_back(2);
  });
  loop_.call_at(clock_.now(), [&] {
    order_.push_back(1);
    loop_.call_at(clock_.now(), [&] { order_.push_back(3); });
  });
  loop_.call_at(clock_.now() + milliseconds{1}, [&] { loop_.stop(); });
  Event last(true);
  loop_.watch(last.fd(), EPOLLIN, [&](std::uint32_t) {
    if (order_.size() == 4) clock_.advance(milliseconds{1});
  });
  loop_.run();
  EXPECT_EQ(order_, (std::vector{2, 1, 2, 3}));
}

// Regression: after a busy while an answer that had come in time was not looked at before its
// probe's deadline had ended it.
TEST_F(EventLoopTest, LooksAtWhatHasArrivedBeforeItCallsATimerThatIsDue) {
  Event event(true);
  loop_.watch(event.fd(), EPOLLIN, [&](std::uint32_t) {
    event.drain();
    order_.push_back(1);
  });
  loop_.call_at(clock_.now(), [&] {
    order_.push_back(2);
    loop_.stop();
  });
  loop_.run();
  EXPECT_EQ(order_, (std::vector{1, 2}));
}

TEST_F(EventLoopTest, RunsWhatWasPostedInItsOrder) {
  for (const int i : {1, 2, 3}) loop_.post([&, i] { order_.push_back(i); });
  run();
  EXPECT_EQ(order_, (std::vector{1, 2, 3}));
}

TEST_F(EventLoopTest, RunsWhatAnotherThreadPostsOnItsOwnThread) {
  std::optional<std::thread::id> ran_on;
  std::thread other([&] {
    loop_.post([&] {
      ran_on = std::this_thread::get_id();
      loop_.stop();
    });
  });
  loop_.run();  // asleep until then
  other.join();
  EXPECT_EQ(ran_on, std::this_thread::get_id());
}

// Only the first of what gathers wakes the loop; one that is not seen would wait for ever.
TEST_F(EventLoopTest, RunsAllThatAnotherThreadPosts) {
  constexpr int kTasks = 20'000;
  int ran = 0;
  std::thread other([&] {
    for (int i = 0; i < kTasks; ++i) {
      loop_.post([&] {
        if (++ran == kTasks) loop_.stop();
      });
    }
  });
  loop_.run();
  other.join();
  EXPECT_EQ(ran, kTasks);
}

TEST_F(EventLoopTest, StopsWhenAnotherThreadSaysSo) {
  std::thread other([&] { loop_.stop(); });
  loop_.run();
  other.join();
}

TEST_F(EventLoopTest, StopsAtOnceWhenItWasStoppedBefore) {
  loop_.stop();
  loop_.run();
}

TEST_F(EventLoopTest, RunsWhatWasPostedBeforeTheStop) {
  loop_.post([&] { order_.push_back(1); });
  loop_.stop();
  loop_.run();
  EXPECT_EQ(order_, std::vector{1});
}

TEST_F(EventLoopTest, TellsWhatADescriptorIsReadyFor) {
  const Event event(true);
  std::uint32_t ready = 0;
  loop_.watch(event.fd(), EPOLLIN, [&](std::uint32_t events) {
    ready = events;
    loop_.stop();
  });
  loop_.run();
  EXPECT_EQ(ready, std::uint32_t{EPOLLIN});
}

TEST_F(EventLoopTest, ChangesWhatADescriptorIsWatchedFor) {
  const Event event(false);
  loop_.watch(event.fd(), EPOLLIN, [&](std::uint32_t) { order_.push_back(1); });
  loop_.watch(event.fd(), EPOLLOUT, [&](std::uint32_t) {
    order_.push_back(2);
    loop_.stop();
  });
  loop_.run();
  EXPECT_EQ(order_, std::vector{2});
}

TEST_F(EventLoopTest, TellsNothingOfADescriptorThatIsNotWatchedAnyMore) {
  const Event event(true);
  loop_.watch(event.fd(), EPOLLIN, [&](std::uint32_t) { order_.push_back(1); });
  loop_.unwatch(event.fd());
  run();
  EXPECT_TRUE(order_.empty());
}

TEST_F(EventLoopTest, MindsNoUnwatchOfWhatWasNeverWatched) {
  const Event event(true);
  loop_.unwatch(event.fd());
  run();
}

TEST_F(EventLoopTest, LetsAHandlerUnwatchItself) {
  const Event event(true);
  int calls = 0;
  const std::vector<int> payload{1, 2, 3};  // what a handler owns lives until it returns
  loop_.watch(event.fd(), EPOLLIN, [&, payload](std::uint32_t) {
    ++calls;
    loop_.unwatch(event.fd());
    order_ = payload;
    run_a_few_turns();
  });
  loop_.run();
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(order_, payload);
}

TEST_F(EventLoopTest, LetsAHandlerUnwatchAnotherOfTheSameTurn) {
  const Event first(true);
  const Event second(true);
  int calls = 0;
  const auto unwatch_both = [&](std::uint32_t) {
    ++calls;
    loop_.unwatch(first.fd());
    loop_.unwatch(second.fd());
    run_a_few_turns();
  };
  loop_.watch(first.fd(), EPOLLIN, unwatch_both);
  loop_.watch(second.fd(), EPOLLIN, unwatch_both);
  loop_.run();
  EXPECT_EQ(calls, 1);
}

// Regression: a new connection that got the number of one closed in the same turn was told of the
// old one's readiness, and so took its connect phase for over.
TEST_F(EventLoopTest, TellsANewDescriptorNothingOfAnOldOneWithTheSameNumber) {
  Event first(true);
  Event second(true);
  std::optional<Event> reopened;
  bool told = false;
  const auto replace = [&](Event& closed) {
    loop_.unwatch(first.fd());
    loop_.unwatch(second.fd());
    const int number = closed.fd();
    closed.close();
    reopened.emplace(false);
    ASSERT_EQ(reopened->fd(), number);
    loop_.watch(number, EPOLLIN, [&](std::uint32_t) { told = true; });
    run_a_few_turns();
  };
  loop_.watch(first.fd(), EPOLLIN, [&](std::uint32_t) { replace(second); });
  loop_.watch(second.fd(), EPOLLIN, [&](std::uint32_t) { replace(first); });
  loop_.run();
  EXPECT_TRUE(reopened);
  EXPECT_FALSE(told);
}

TEST_F(EventLoopTest, WatchesADescriptorThatWasClosedAndOpenedUnderTheSameNumber) {
  Event old(false);
  loop_.watch(old.fd(), EPOLLIN, [&](std::uint32_t) { order_.push_back(1); });
  const int number = old.fd();
  old.close();
  const Event reopened(true);
  ASSERT_EQ(reopened.fd(), number);
  loop_.watch(number, EPOLLIN, [&](std::uint32_t) {
    order_.push_back(2);
    loop_.stop();
  });
  loop_.run();
  EXPECT_EQ(order_, std::vector{2});
}

// ---- how long something had to wait for the loop

TEST_F(EventLoopTest, TellsHowLateATimerRan) {
  const MonotonicTime start = clock_.now();
  loop_.call_at(in(milliseconds{10}), [] {});
  clock_.advance(milliseconds{25});
  run();
  EXPECT_EQ(loop_.lag_since(start), milliseconds{15});
}

TEST_F(EventLoopTest, TellsHowLongATurnTook) {
  const MonotonicTime start = clock_.now();
  loop_.post([&] { clock_.advance(milliseconds{50}); });
  run();
  EXPECT_EQ(loop_.lag_since(start), milliseconds{50});
}

TEST_F(EventLoopTest, TellsOfTheTurnItIsIn) {
  const MonotonicTime start = clock_.now();
  Micros lag{};
  loop_.post([&] {
    clock_.advance(milliseconds{50});
    lag = loop_.lag_since(start);
  });
  run();
  EXPECT_EQ(lag, milliseconds{50});
}

TEST_F(EventLoopTest, TellsOfEachTurnByItself) {
  const MonotonicTime start = clock_.now();
  loop_.post([&] {
    clock_.advance(milliseconds{30});
    loop_.post([&] { clock_.advance(milliseconds{40}); });
  });
  run();
  EXPECT_EQ(loop_.lag_since(start), milliseconds{40});
}

TEST_F(EventLoopTest, TellsOfNothingThatWasBefore) {
  loop_.post([&] { clock_.advance(milliseconds{50}); });
  run();
  EXPECT_EQ(loop_.lag_since(clock_.now()), Micros{0});
}

TEST_F(EventLoopTest, TakesNoSleepForLag) {
  EventLoop loop(system_clock());
  const MonotonicTime start = system_clock().now();
  loop.call_at(start + milliseconds{500}, [&] { loop.stop(); });
  loop.run();
  EXPECT_LT(loop.lag_since(start), milliseconds{400});
}

}  // namespace
}  // namespace firstbyte::agent
