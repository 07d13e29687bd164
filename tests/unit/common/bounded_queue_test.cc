#include "common/bounded_queue.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

namespace firstbyte {
namespace {

TEST(BoundedQueue, GivesTheOldestFirst) {
  BoundedQueue<int> queue(3);
  EXPECT_TRUE(queue.push(1));
  EXPECT_TRUE(queue.push(2));
  EXPECT_EQ(queue.pop_all(), (std::deque<int>{1, 2}));
  EXPECT_EQ(queue.size(), 0U);
}

TEST(BoundedQueue, RefusesWhatDoesNotFitAndLeavesItUntouched) {
  BoundedQueue<std::unique_ptr<int>> queue(1);
  EXPECT_TRUE(queue.push(std::make_unique<int>(1)));
  auto second = std::make_unique<int>(2);
  EXPECT_FALSE(queue.push(std::move(second)));
  // That it is still there is what push() promises.
  EXPECT_EQ(second ? *second : 0, 2);  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(queue.size(), 1U);
}

TEST(BoundedQueue, HasRoomAgainOnceDrained) {
  BoundedQueue<int> queue(1);
  EXPECT_TRUE(queue.push(1));
  queue.pop_all();
  EXPECT_TRUE(queue.push(2));
}

TEST(BoundedQueue, RefusesEverythingOnceClosed) {
  BoundedQueue<int> queue(1);
  queue.close();
  EXPECT_FALSE(queue.push(1));
}

TEST(BoundedQueue, LetsTheRestBeTakenAfterClosing) {
  BoundedQueue<int> queue(2);
  EXPECT_TRUE(queue.push(1));
  queue.close();
  EXPECT_EQ(queue.pop_all(), std::deque<int>{1});
  EXPECT_TRUE(queue.pop_all().empty());
}

TEST(BoundedQueue, WakesWhoeverWaitsWhenItIsClosed) {
  BoundedQueue<int> queue(1);
  std::thread closer([&] { queue.close(); });
  EXPECT_TRUE(queue.pop_all().empty());
  closer.join();
}

TEST(BoundedQueue, WaitsSoLongAtMostWhenItIsToldTo) {
  BoundedQueue<int> queue(1);
  const auto now = std::chrono::steady_clock::now();
  EXPECT_EQ(queue.pop_all(now), std::nullopt);
  EXPECT_TRUE(queue.push(1));
  EXPECT_EQ(queue.pop_all(now), std::deque<int>{1});
  queue.close();
  EXPECT_EQ(queue.pop_all(now), std::deque<int>{});
}

TEST(BoundedQueue, LosesNothingBetweenThreads) {
  constexpr int kEach = 2'000;
  BoundedQueue<int> queue(16);
  const auto produce = [&] {
    for (int i = 1; i <= kEach; ++i) {
      while (!queue.push(int{i})) std::this_thread::yield();
    }
  };
  std::thread first(produce);
  std::thread second(produce);
  std::int64_t sum = 0;
  int taken = 0;
  while (taken < 2 * kEach) {
    for (const int item : queue.pop_all()) {
      sum += item;
      ++taken;
    }
  }
  first.join();
  second.join();
  EXPECT_EQ(sum, std::int64_t{kEach} * (kEach + 1));
}

}  // namespace
}  // namespace firstbyte
