// Orders on their way to the engine: the collector's, checks', the control target's. start() and
// cancel() are thread-safe.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "agent/probe/event_loop.h"
#include "agent/schedule/order_queue.h"

namespace firstbyte::agent {

class PacedOrders {
 public:
  // Both are called on the loop's thread.
  using Start = std::function<void(const ProbeOrder&)>;
  using Cancel = std::function<void(const std::string& test_id)>;

  // The loop must end before this does.
  PacedOrders(EventLoop& loop, Start start, Cancel cancel);
  PacedOrders(const PacedOrders&) = delete;
  PacedOrders& operator=(const PacedOrders&) = delete;

  void start(ProbeOrder order);
  // Also of an order that still waits: its result says so, too.
  void cancel(std::string test_id);

 private:
  void start_due();

  EventLoop& loop_;
  const Start start_;
  const Cancel cancel_;
  OrderQueue queue_;
  std::optional<EventLoop::TimerId> timer_;
};

}  // namespace firstbyte::agent
