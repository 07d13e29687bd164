// The end of a time that something may take, on an event loop. Loop thread only.
#pragma once

#include "agent/probe/event_loop.h"

namespace firstbyte::agent {

// After a stall of this process it is due together with what has arrived meanwhile, in time. It is
// over only once that had the turns of the loop to get through; until then it may be destroyed,
// as it may at any time, and `over` is not called.
class Deadline {
 public:
  Deadline(EventLoop& loop, MonotonicTime when, EventLoop::Task over);
  ~Deadline() { loop_.cancel(timer_); }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

 private:
  void due();

  EventLoop& loop_;
  EventLoop::Task over_;
  int turns_left_;
  EventLoop::TimerId timer_;
};

}  // namespace firstbyte::agent
