// The server-sent events of one test, encoded once and shared by all its viewers. Bounded by what a
// test can say (cities × states), so a slow viewer costs no memory: it has a position, not a queue.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/api/http.h"
#include "common/mutex.h"

namespace firstbyte::collector {

// "id: …", "event: …", "data: …" and the blank line that ends the frame.
std::shared_ptr<const std::string> encode_event(std::string_view id, std::string_view name,
                                                std::string_view json);

// Thread-safe. Lives at least as long as its viewers, which own a share of it.
class EventLog : public std::enable_shared_from_this<EventLog> {
 public:
  // Up to so many waiting frames a viewer gets every one.
  static constexpr std::size_t kCoalesceBeyond = 64;

  // Ids are "<epoch>-<n>": an id from before a restart is recognised as foreign.
  explicit EventLog(std::string epoch) : epoch_(std::move(epoch)) {}

  // The n-th event of this log has the id <epoch>-<n>, from 1. `key` says whose state the event
  // tells (an agent's id): a viewer that is more than kCoalesceBeyond frames behind gets only the
  // newest waiting event of each key. Events without a key are never left out. Nothing is appended
  // after end().
  void append(std::string_view name, std::string_view json, std::string_view key = {})
      EXCLUDES(mutex_);
  // No more will follow.
  void end() EXCLUDES(mutex_);

  // 0 while there is none.
  std::uint64_t last_id() const EXCLUDES(mutex_);
  // Of all its frames together.
  std::size_t bytes() const EXCLUDES(mutex_);
  // The id of the n-th event, for a snapshot that includes everything up to it.
  std::string id(std::uint64_t n) const;
  // The n of a Last-Event-ID that can be resumed from here: same epoch, n <= last_id().
  std::optional<std::uint64_t> resume_point(std::string_view last_event_id) const EXCLUDES(mutex_);

  // A viewer that first gets the frames `first` (the snapshot; may be empty), then everything after
  // event number `after`.
  std::unique_ptr<EventSource> view(std::vector<std::shared_ptr<const std::string>> first,
                                    std::uint64_t after);

 private:
  struct Event {
    std::shared_ptr<const std::string> frame;
    std::string key;
  };
  using Wakes = std::list<std::function<void()>>;
  class View;

  // Moves `position` to the end and gives what lay between.
  EventSource::Frames read(std::uint64_t& position) const EXCLUDES(mutex_);
  Wakes::iterator subscribe(std::function<void()> wake) EXCLUDES(mutex_);
  void unsubscribe(Wakes::iterator subscription) EXCLUDES(mutex_);
  void wake_all() REQUIRES(mutex_);

  const std::string epoch_;

  mutable Mutex mutex_;
  std::vector<Event> events_ GUARDED_BY(mutex_);
  std::size_t bytes_ GUARDED_BY(mutex_) = 0;
  bool ended_ GUARDED_BY(mutex_) = false;
  Wakes wakes_ GUARDED_BY(mutex_);
};

}  // namespace firstbyte::collector
