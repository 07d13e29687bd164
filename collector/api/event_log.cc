#include "collector/api/event_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ranges>
#include <span>
#include <unordered_set>
#include <utility>

namespace firstbyte::collector {

std::shared_ptr<const std::string> encode_event(std::string_view id, std::string_view name,
                                                std::string_view json) {
  std::string frame = fmt::format("id: {}\nevent: {}\n", id, name);
  // A line break would end the field, so each line of the data is a field of its own.
  for (;;) {
    const std::size_t line_end = json.find('\n');
    frame += fmt::format("data: {}\n", json.substr(0, line_end));
    if (line_end == std::string_view::npos) break;
    json.remove_prefix(line_end + 1);
  }
  frame += '\n';
  return std::make_shared<const std::string>(std::move(frame));
}

class EventLog::View : public EventSource {
 public:
  View(std::shared_ptr<EventLog> log, std::vector<std::shared_ptr<const std::string>> first,
       std::uint64_t after)
      : log_(std::move(log)), first_(std::move(first)), position_(after) {}

  ~View() override {
    if (subscription_) log_->unsubscribe(*subscription_);
  }

  Frames take() override {
    Frames batch = log_->read(position_);
    if (!first_.empty()) {
      batch.frames.insert(batch.frames.begin(), first_.begin(), first_.end());
      first_ = {};
    }
    return batch;
  }

  void on_ready(std::function<void()> wake) override {
    if (subscription_) log_->unsubscribe(*subscription_);
    subscription_ = log_->subscribe(std::move(wake));
  }

 private:
  const std::shared_ptr<EventLog> log_;
  std::vector<std::shared_ptr<const std::string>> first_;
  std::uint64_t position_;  // number of the last event taken
  std::optional<Wakes::iterator> subscription_;
};

void EventLog::append(std::string_view name, std::string_view json, std::string_view key) {
  MutexLock lock(mutex_);
  if (ended_) return;
  events_.push_back({encode_event(id(events_.size() + 1), name, json), std::string(key)});
  bytes_ += events_.back().frame->size();
  wake_all();
}

void EventLog::end() {
  MutexLock lock(mutex_);
  ended_ = true;
  wake_all();
}

std::uint64_t EventLog::last_id() const {
  MutexLock lock(mutex_);
  return events_.size();
}

std::size_t EventLog::bytes() const {
  MutexLock lock(mutex_);
  return bytes_;
}

std::string EventLog::id(std::uint64_t n) const { return fmt::format("{}-{}", epoch_, n); }

std::optional<std::uint64_t> EventLog::resume_point(std::string_view last_event_id) const {
  const std::size_t dash = last_event_id.rfind('-');
  if (dash == std::string_view::npos || last_event_id.substr(0, dash) != epoch_) return {};
  const std::string_view digits = last_event_id.substr(dash + 1);
  std::uint64_t n = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
  if (error != std::errc{} || end != digits.data() + digits.size() || n > last_id()) return {};
  return n;
}

std::unique_ptr<EventSource> EventLog::view(std::vector<std::shared_ptr<const std::string>> first,
                                            std::uint64_t after) {
  return std::make_unique<View>(shared_from_this(), std::move(first), after);
}

EventSource::Frames EventLog::read(std::uint64_t& position) const {
  EventSource::Frames batch;
  MutexLock lock(mutex_);
  batch.ended = ended_;
  const auto waiting = std::span(events_).subspan(std::min<std::size_t>(position, events_.size()));
  position = events_.size();
  if (waiting.size() <= kCoalesceBeyond) {
    for (const Event& event : waiting) batch.frames.push_back(event.frame);
    return batch;
  }
  // Backwards, so that the first event seen of a key is its newest.
  std::unordered_set<std::string_view> seen;
  for (const Event& event : waiting | std::views::reverse) {
    if (event.key.empty() || seen.insert(event.key).second) batch.frames.push_back(event.frame);
  }
  std::ranges::reverse(batch.frames);
  return batch;
}

EventLog::Wakes::iterator EventLog::subscribe(std::function<void()> wake) {
  MutexLock lock(mutex_);
  return wakes_.insert(wakes_.end(), std::move(wake));
}

void EventLog::unsubscribe(Wakes::iterator subscription) {
  MutexLock lock(mutex_);
  wakes_.erase(subscription);
}

// Under the lock, so that no call outlives its viewer; a wake neither blocks nor calls back.
void EventLog::wake_all() {
  for (const auto& wake : wakes_) wake();
}

}  // namespace firstbyte::collector
