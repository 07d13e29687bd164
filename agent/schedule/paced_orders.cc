#include "agent/schedule/paced_orders.h"

#include <utility>

namespace firstbyte::agent {

PacedOrders::PacedOrders(EventLoop& loop, Start start, Cancel cancel)
    : loop_(loop), start_(std::move(start)), cancel_(std::move(cancel)) {}

void PacedOrders::start(ProbeOrder order) {
  loop_.post([this, order = std::move(order)] {
    queue_.add(order);
    start_due();
  });
}

void PacedOrders::cancel(std::string test_id) {
  loop_.post([this, test_id = std::move(test_id)] {
    if (const auto waiting = queue_.withdraw(test_id)) start_(*waiting);
    cancel_(test_id);
  });
}

void PacedOrders::start_due() {
  while (const auto order = queue_.take(loop_.clock().now())) start_(*order);
  const auto next = queue_.next();
  if (!next || timer_) return;
  timer_ = loop_.call_at(*next, [this] {
    timer_.reset();
    start_due();
  });
}

}  // namespace firstbyte::agent
