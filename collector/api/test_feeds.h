// The event streams of tests: listens to the dispatcher, serves any number of viewers. Thread-safe.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "collector/api/event_log.h"
#include "collector/dispatch/dispatcher.h"
#include "common/edge.h"
#include "common/mutex.h"

namespace firstbyte::collector {

class TestFeeds final : public TestObserver {
 public:
  // `epoch` names this run of the collector, so that event ids of an earlier one are recognised.
  // `edges` says who answered, and outlives this.
  TestFeeds(std::string epoch, const EdgeRules& edges) : epoch_(std::move(epoch)), edges_(edges) {}

  void test_started(const Test& test) override EXCLUDES(mutex_);
  void city_changed(const Test& test, const TestCity& city) override EXCLUDES(mutex_);
  void test_finished(const Test& test) override EXCLUDES(mutex_);

  // A viewer that was cut off goes on after `last_event_id`; null when that is not possible.
  std::unique_ptr<EventSource> resume(const std::string& test_id, std::string_view last_event_id)
      EXCLUDES(mutex_);
  // A viewer from the start: snapshot, then what follows. For a test under way call it from within
  // Dispatcher::with_running(), so that nothing falls between the two.
  std::unique_ptr<EventSource> watch(const Test& test) EXCLUDES(mutex_);

 private:
  std::shared_ptr<EventLog> find(const std::string& test_id) EXCLUDES(mutex_);

  const std::string epoch_;
  const EdgeRules& edges_;
  Mutex mutex_;
  std::map<std::string, std::shared_ptr<EventLog>> logs_ GUARDED_BY(mutex_);
  // Kept for those who were cut off, with the bytes of their events; oldest first.
  std::deque<std::pair<std::string, std::size_t>> finished_ GUARDED_BY(mutex_);
  std::size_t finished_bytes_ GUARDED_BY(mutex_) = 0;
};

}  // namespace firstbyte::collector
