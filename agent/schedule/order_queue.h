// Orders to probe at once, in the order they came, paced: a burst of them begins one handshake
// after the other. Pure; the time is what the caller says.
#pragma once

#include <deque>
#include <optional>
#include <string_view>

#include "agent/schedule/pacer.h"
#include "common/target.h"

namespace firstbyte::agent {

class OrderQueue {
 public:
  void add(ProbeOrder order) { waiting_.push_back(std::move(order)); }
  // The next that may start now, which is started then.
  std::optional<ProbeOrder> take(MonotonicTime now);
  // One that still waits; it needs no place among the others, since it is not to be probed.
  std::optional<ProbeOrder> withdraw(std::string_view test_id);
  // When take() will have one, be it long ago; absent when none waits.
  std::optional<MonotonicTime> next() const;

 private:
  Pacer pacer_;
  std::deque<ProbeOrder> waiting_;
};

}  // namespace firstbyte::agent
