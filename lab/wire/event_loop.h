// Waits for file descriptors and, far more precisely, for a point in time. One thread.
#pragma once

#include <functional>
#include <vector>

#include "common/clock.h"
#include "lab/wire/fd.h"

namespace firstbyte::wire {

class EventLoop {
 public:
  // Waking a process takes the kernel some tens of microseconds: the timer wakes it this much too
  // early, and it asks epoll without waiting for the rest. Packets that come meanwhile are read.
  static constexpr Micros kSpin{60};

  EventLoop();

  // `ready` is called while there is something to read, or the other side has gone.
  void watch(int fd, std::function<void()> ready);
  // Before the descriptor is closed. Its function may call this.
  void forget(int fd);

  // Until something is ready, and it has been called, or until `due`; max(): no such time. May
  // return too early: call it in a loop.
  void wait(MonotonicTime due);

 private:
  void wake_at(MonotonicTime time);

  Fd epoll_;
  Fd timer_;
  MonotonicTime armed_ = MonotonicTime::min();
  std::vector<std::function<void()>> ready_;  // by descriptor
};

}  // namespace firstbyte::wire
