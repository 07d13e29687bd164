#include "agent/schedule/order_queue.h"

#include <gtest/gtest.h>

namespace firstbyte::agent {
namespace {

constexpr MonotonicTime kNow{std::chrono::hours{1}};

ProbeOrder order(std::string test_id) { return {.test_id = std::move(test_id), .target = {}}; }

TEST(OrderQueue, StartsASingleOrderAtOnce) {
  OrderQueue queue;
  EXPECT_FALSE(queue.next());
  EXPECT_FALSE(queue.take(kNow));
  queue.add(order("a"));
  EXPECT_LE(queue.next().value(), kNow);
  EXPECT_EQ(queue.take(kNow).value().test_id, "a");
  EXPECT_FALSE(queue.next());
}

TEST(OrderQueue, BeginsABurstOneAfterTheOther) {
  OrderQueue queue;
  for (const char* id : {"a", "b", "c"}) queue.add(order(id));
  MonotonicTime now = kNow;
  for (const char* id : {"a", "b", "c"}) {
    EXPECT_EQ(queue.take(now).value().test_id, id);
    EXPECT_FALSE(queue.take(now + kStartGap / 2));
    now += kStartGap;
  }
  EXPECT_FALSE(queue.next());
}

TEST(OrderQueue, MakesNobodyWaitForABurstThatIsOver) {
  OrderQueue queue;
  queue.add(order("a"));
  EXPECT_TRUE(queue.take(kNow));
  queue.add(order("b"));
  EXPECT_EQ(queue.next(), kNow + kStartGap);
  EXPECT_TRUE(queue.take(kNow + std::chrono::seconds{1}));
}

TEST(OrderQueue, GivesUpWhatStillWaits) {
  OrderQueue queue;
  for (const char* id : {"a", "b"}) queue.add(order(id));
  EXPECT_EQ(queue.withdraw("b").value().test_id, "b");
  EXPECT_FALSE(queue.withdraw("b"));
  EXPECT_EQ(queue.take(kNow).value().test_id, "a");
  EXPECT_FALSE(queue.next());
}

}  // namespace
}  // namespace firstbyte::agent
