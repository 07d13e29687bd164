#include "collector/api/test_feeds.h"

#include "collector/api/test_json.h"

namespace firstbyte::collector {
namespace {

// Finished tests whose events are kept, and the bytes of all of them; of older ones a late viewer
// gets the snapshot from the store.
constexpr std::size_t kKeepFinished = 64;
constexpr std::size_t kKeepBytes = 32 * 1024 * 1024;

}  // namespace

void TestFeeds::test_started(const Test& test) {
  MutexLock lock(mutex_);
  logs_[test.id] = std::make_shared<EventLog>(epoch_);
}

void TestFeeds::city_changed(const Test& test, const TestCity& city) {
  if (const auto log = find(test.id)) log->append("city", city_json(city, edges_), city.agent.id);
}

void TestFeeds::test_finished(const Test& test) {
  const auto log = find(test.id);
  if (!log) return;
  log->append("done", done_json(test));
  log->end();
  MutexLock lock(mutex_);
  finished_.emplace_back(test.id, log->bytes());
  finished_bytes_ += finished_.back().second;
  while (finished_.size() > kKeepFinished || finished_bytes_ > kKeepBytes) {
    finished_bytes_ -= finished_.front().second;
    logs_.erase(finished_.front().first);
    finished_.pop_front();
  }
}

std::unique_ptr<EventSource> TestFeeds::resume(const std::string& test_id,
                                               std::string_view last_event_id) {
  const auto log = find(test_id);
  if (!log) return nullptr;
  const auto after = log->resume_point(last_event_id);
  return after ? log->view({}, *after) : nullptr;
}

std::unique_ptr<EventSource> TestFeeds::watch(const Test& test) {
  std::shared_ptr<EventLog> log = is_finished(test) ? nullptr : find(test.id);
  if (!log) {
    // Nothing more will happen: the snapshot and the end are the whole story.
    // Its ids are not those of the log that it had, but of the same run.
    log = std::make_shared<EventLog>(epoch_ + "-ended");
    log->append("done", done_json(test));
    log->end();
    return log->view({encode_event(log->id(0), "snapshot", test_json(test, edges_))}, 0);
  }
  const std::uint64_t now = log->last_id();
  return log->view({encode_event(log->id(now), "snapshot", test_json(test, edges_))}, now);
}

std::shared_ptr<EventLog> TestFeeds::find(const std::string& test_id) {
  MutexLock lock(mutex_);
  const auto found = logs_.find(test_id);
  return found == logs_.end() ? nullptr : found->second;
}

}  // namespace firstbyte::collector
