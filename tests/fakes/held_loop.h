// An event loop that is kept from everything, as by a busy machine.
#pragma once

#include <future>

#include "agent/probe/event_loop.h"

namespace firstbyte::fakes {

// Held from when it is made until it goes. Not on the loop's own thread.
class HeldLoop {
 public:
  explicit HeldLoop(agent::EventLoop& loop) {
    loop.post([this, let_go = let_go_.get_future().share()] {
      held_.set_value();
      let_go.wait();
    });
    held_.get_future().wait();
  }
  ~HeldLoop() { let_go_.set_value(); }
  HeldLoop(const HeldLoop&) = delete;
  HeldLoop& operator=(const HeldLoop&) = delete;

 private:
  std::promise<void> held_;
  std::promise<void> let_go_;
};

}  // namespace firstbyte::fakes
