// A typed, one-way, bounded queue between two stages. When it is full, push() says so and the
// caller decides; nothing is dropped in silence. Closing it upstream lets the stage downstream
// finish what is in it and then stop. Thread-safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

#include "common/mutex.h"

namespace firstbyte {

template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

  // False when the queue is full or closed; `item` is then untouched.
  [[nodiscard]] bool push(T&& item) EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    if (closed_ || items_.size() >= capacity_) return false;
    items_.push_back(std::move(item));
    not_empty_.notify_one();
    return true;
  }

  // All that waits, oldest first; blocks while there is nothing. Empty only once closed and
  // drained.
  std::deque<T> pop_all() EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    while (items_.empty() && !closed_) not_empty_.wait(mutex_);
    return std::exchange(items_, {});
  }

  // The same, for so long at most; absent when nothing came.
  std::optional<std::deque<T>> pop_all(std::chrono::steady_clock::time_point until)
      EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    while (items_.empty() && !closed_) {
      if (std::chrono::steady_clock::now() >= until) return std::nullopt;
      not_empty_.wait_until(mutex_, until);
    }
    return std::exchange(items_, {});
  }

  void close() EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    closed_ = true;
    not_empty_.notify_all();
  }

  std::size_t size() const EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    return items_.size();
  }

 private:
  const std::size_t capacity_;
  mutable Mutex mutex_;
  CondVar not_empty_;
  std::deque<T> items_ GUARDED_BY(mutex_);
  bool closed_ GUARDED_BY(mutex_) = false;
};

}  // namespace firstbyte
