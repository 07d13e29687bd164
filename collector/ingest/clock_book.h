// What is known of the clocks of agents that are not connected now, of an earlier run's as well:
// when they are back, a clock that was set meanwhile shows. Thread-safe.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "collector/ingest/clock_filter.h"
#include "common/mutex.h"

namespace firstbyte::collector {

class ClockBook {
 public:
  void keep(const std::string& agent_id, ClockFilter filter) EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    filters_.insert_or_assign(agent_id, std::move(filter));
  }
  // A new one for an agent that was not here before.
  ClockFilter take(const std::string& agent_id) EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    const auto node = filters_.extract(agent_id);
    return node.empty() ? ClockFilter{} : std::move(node.mapped());
  }

 private:
  Mutex mutex_;
  std::map<std::string, ClockFilter> filters_ GUARDED_BY(mutex_);
};

}  // namespace firstbyte::collector
