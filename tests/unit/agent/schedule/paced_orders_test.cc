#include "agent/schedule/paced_orders.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace firstbyte::agent {
namespace {

// The loop runs on the test's own thread until what is expected has happened.
class PacedOrdersTest : public testing::Test {
 protected:
  void order(const std::string& test_id) { orders_.start({.test_id = test_id, .target = {}}); }
  void run_until(std::size_t events) {
    expected_ = events;
    loop_.run();
  }
  void note(std::string event) {
    events_.push_back(std::move(event));
    times_.push_back(loop_.clock().now());
    if (events_.size() == expected_) loop_.stop();
  }

  const MonotonicTime begun_ = system_clock().now();
  EventLoop loop_{system_clock()};
  std::vector<std::string> events_;
  std::vector<MonotonicTime> times_;
  std::size_t expected_ = 0;
  PacedOrders orders_{loop_, [this](const ProbeOrder& order) { note("start " + order.test_id); },
                      [this](const std::string& test_id) { note("cancel " + test_id); }};
};

TEST_F(PacedOrdersTest, ABurstStartsOneAfterTheOther) {
  for (const char* id : {"a", "b", "c", "d"}) order(id);
  run_until(4);
  EXPECT_EQ(events_, (std::vector<std::string>{"start a", "start b", "start c", "start d"}));
  for (std::size_t i = 0; i < times_.size(); ++i) {
    EXPECT_GE(times_[i] - begun_, static_cast<int>(i) * kStartGap);
  }
}

TEST_F(PacedOrdersTest, WhatIsCancelledBeforeItStartsEndsAllTheSame) {
  order("a");
  order("b");
  orders_.cancel("b");
  run_until(3);
  EXPECT_EQ(events_, (std::vector<std::string>{"start a", "start b", "cancel b"}));
}

TEST_F(PacedOrdersTest, WhatRunsIsCancelled) {
  order("a");
  orders_.cancel("a");
  run_until(2);
  EXPECT_EQ(events_, (std::vector<std::string>{"start a", "cancel a"}));
}

}  // namespace
}  // namespace firstbyte::agent
