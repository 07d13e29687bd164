// Watches tests as the page's feeds do, and keeps what it saw.
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "collector/dispatch/dispatcher.h"
#include "common/mutex.h"

namespace firstbyte::fakes {

// Thread-safe.
class TestRecorder final : public collector::TestObserver {
 public:
  void test_started(const collector::Test& test) override { note(test, "started"); }
  void city_changed(const collector::Test& test, const collector::TestCity& city) override {
    note(test, fmt::format("{} {}", city.agent.id, to_string(city.state)));
  }
  void test_finished(const collector::Test& test) override {
    note(test, "done");
    MutexLock lock(mutex_);
    finished_.insert_or_assign(test.id, test);
    changed_.notify_all();
  }

  // "started", "tokyo dns", ..., "done".
  std::vector<std::string> seen(const std::string& test_id) const {
    MutexLock lock(mutex_);
    const auto found = seen_.find(test_id);
    return found == seen_.end() ? std::vector<std::string>{} : found->second;
  }

  // Waits for the end of a test, ten seconds at most, and gives the test as it ended.
  std::optional<collector::Test> wait_finished(const std::string& test_id) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    MutexLock lock(mutex_);
    while (!finished_.contains(test_id) && std::chrono::steady_clock::now() < until) {
      changed_.wait_until(mutex_, until);
    }
    const auto found = finished_.find(test_id);
    if (found == finished_.end()) return std::nullopt;
    return found->second;
  }

 private:
  void note(const collector::Test& test, std::string what) {
    MutexLock lock(mutex_);
    seen_[test.id].push_back(std::move(what));
  }

  mutable Mutex mutex_;
  CondVar changed_;
  std::map<std::string, std::vector<std::string>> seen_;
  std::map<std::string, collector::Test> finished_;
};

}  // namespace firstbyte::fakes
