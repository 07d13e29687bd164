// What an agent is ordered on its stream, and what becomes of it when the stream goes silent or is
// replaced.

#include <algorithm>
#include <utility>

#include "collector/ingest/agent_session.h"
#include "proto/codec.h"

namespace firstbyte::collector {
namespace {

// The ticker comes four times as often. When it did not, it was this process that was paused, and
// what the agents said meanwhile may still be on its way in.
constexpr std::chrono::seconds kOverslept{1};

}  // namespace

void AgentSession::order(const ProbeOrder& order) {
  this->order(order, context_.clock.now() + order.target.timeout + Dispatcher::kGrace);
}

void AgentSession::order(const ProbeOrder& order, MonotonicTime deadline) {
  std::shared_ptr<AgentSession> successor;
  {
    MutexLock lock(mutex_);
    successor = successor_.lock();
    if (!successor) {
      if (under_way_.empty()) watched_ = context_.clock.now();
      under_way_[order.test_id] = {order, deadline};
    }
  }
  if (successor) {
    successor->order(order, deadline);
    return;
  }
  v1::CollectorMessage message;
  *message.mutable_order() = encode(order);
  send(std::move(message));
}

void AgentSession::cancel(const std::string& test_id) {
  {
    MutexLock lock(mutex_);
    under_way_.erase(test_id);
  }
  v1::CollectorMessage message;
  message.mutable_cancel()->set_test_id(test_id);
  send(std::move(message));
}

void AgentSession::hand_over(const UnderWay& orders, const std::string& id,
                             const std::shared_ptr<AgentSession>& successor) {
  const auto present = context_.agents.find(id);
  if (!present || present->link != successor) {
    // It has ended already, or somebody else was faster.
    context_.dispatcher.on_agent_lost(id, Dispatcher::Loss::kConnection);
    return;
  }
  const MonotonicTime now = context_.clock.now();
  for (const auto& [test_id, ordered] : orders) {
    if (ordered.deadline > now) successor->order(ordered.order, ordered.deadline);
  }
}

bool AgentSession::is_quiet_in_test(MonotonicTime now) {
  std::erase_if(under_way_, [&](const auto& ordered) { return ordered.second.deadline <= now; });
  if (now - std::exchange(ticked_, now) > kOverslept) watched_ = now;
  return admitted_ && reading_ && !under_way_.empty() &&
         now - std::max(heard_, watched_) > context_.options.test_silence_limit;
}

}  // namespace firstbyte::collector
