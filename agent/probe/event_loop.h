// One thread's epoll loop: file descriptors, timers, and work posted from other threads. Everything
// but post() and stop() belongs to the loop's own thread.
#pragma once

#include <sys/epoll.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <thread>
#include <unordered_map>
#include <vector>

#include "agent/probe/lag_record.h"
#include "common/clock.h"
#include "common/mutex.h"

namespace firstbyte::agent {

class EventLoop {
 public:
  using FdHandler = std::function<void(std::uint32_t epoll_events)>;
  using Task = std::function<void()>;
  // Orders timers by time and, at the same time, by when they were set.
  using TimerId = std::pair<MonotonicTime, std::uint64_t>;

  explicit EventLoop(const Clock& clock);
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Watches a descriptor, or changes what is watched for; the caller keeps it open until unwatch().
  void watch(int fd, std::uint32_t epoll_events, FdHandler handler);
  void unwatch(int fd);

  TimerId call_at(MonotonicTime when, Task task);
  // No effect on a timer that has already fired.
  void cancel(TimerId timer);

  // From any thread: `task` runs on the loop's thread. Unbounded, so callers bound what they post.
  void post(Task task) EXCLUDES(mutex_);
  // From any thread: run() returns after the current turn.
  void stop() EXCLUDES(mutex_);
  void run();

  const Clock& clock() const { return clock_; }
  // The longest since then that something may have waited for this loop: how late a timer ran, or
  // how long the loop was away from the kernel, where something may have arrived meanwhile. Time
  // that it slept counts only as far as a timer was overslept.
  Micros lag_since(MonotonicTime since) const;
  // How long ago at most something may have arrived that a handler hears of only now, as the loop
  // was away from the kernel; how late it was woken is not in it.
  Micros away() const;

 private:
  int timeout_ms() const;
  void run_due_timers();
  int wait_for_events(std::span<epoll_event> events, int timeout_ms);
  void run_posted() EXCLUDES(mutex_);
  void wake();

  // Constant after construction.
  const Clock& clock_;
  int epoll_fd_;
  int wake_fd_;

  // Tells a descriptor from an earlier one that had the same number.
  struct Watch {
    std::uint32_t generation = 0;
    std::shared_ptr<FdHandler> handler;
  };

  // The loop's thread only. Handlers are shared so that one may unwatch itself while it runs.
  std::unordered_map<int, Watch> watches_;
  std::uint32_t next_generation_ = 0;
  std::map<TimerId, Task> timers_;
  std::uint64_t next_timer_ = 0;
  LagRecord lags_;
  MonotonicTime turn_began_;  // when the kernel last gave its events
  MonotonicTime away_since_;  // and when it had last been asked before anything of these happened

  std::atomic<std::thread::id> thread_;  // that runs it

  Mutex mutex_;
  std::vector<Task> posted_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
};

}  // namespace firstbyte::agent
