// How threads that know nothing of a session tell it that there is something to do.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <memory>
#include <utility>

#include "common/mutex.h"

namespace firstbyte::collector {

// Calls `wake` on the session's thread for as long as the session streams, and does nothing after
// that, even when the server is gone. Thread-safe; mute() is for the session's thread only.
class Waker : public std::enable_shared_from_this<Waker> {
 public:
  Waker(boost::asio::any_io_executor executor, std::function<void()> wake)
      : executor_(std::move(executor)), wake_(std::move(wake)) {}

  // Any number of calls before the session is up make it look once.
  void ring() EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    if (muted_ || std::exchange(rung_, true)) return;
    // While it is not muted there is a session, so the executor's context still runs.
    boost::asio::post(executor_, [self = shared_from_this()] { self->deliver(); });
  }

  void mute() EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    muted_ = true;
  }

 private:
  void deliver() EXCLUDES(mutex_) {
    {
      MutexLock lock(mutex_);
      rung_ = false;
      if (muted_) return;
    }
    wake_();  // muted only by this same thread
  }

  const boost::asio::any_io_executor executor_;
  const std::function<void()> wake_;
  Mutex mutex_;
  bool muted_ GUARDED_BY(mutex_) = false;
  bool rung_ GUARDED_BY(mutex_) = false;
};

}  // namespace firstbyte::collector
