#include "agent/schedule/order_queue.h"

#include <algorithm>
#include <utility>

namespace firstbyte::agent {

std::optional<ProbeOrder> OrderQueue::take(MonotonicTime now) {
  if (waiting_.empty() || now < pacer_.earliest()) return std::nullopt;
  pacer_.started(now);
  ProbeOrder order = std::move(waiting_.front());
  waiting_.pop_front();
  return order;
}

std::optional<ProbeOrder> OrderQueue::withdraw(std::string_view test_id) {
  const auto found = std::ranges::find(waiting_, test_id, &ProbeOrder::test_id);
  if (found == waiting_.end()) return std::nullopt;
  ProbeOrder order = std::move(*found);
  waiting_.erase(found);
  return order;
}

std::optional<MonotonicTime> OrderQueue::next() const {
  if (waiting_.empty()) return std::nullopt;
  return pacer_.earliest();
}

}  // namespace firstbyte::agent
