// Things to do after a time that is known when they are asked for. One thread.
#pragma once

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "common/clock.h"

namespace firstbyte::bench {

class DelayedWork {
 public:
  void after(Micros delay, std::function<void()> work) {
    pending_.push_back({std::chrono::steady_clock::now() + delay, std::move(work)});
    std::ranges::push_heap(pending_, std::greater{}, &Piece::due);
  }

  // max(): nothing to do.
  MonotonicTime next_due() const {
    return pending_.empty() ? MonotonicTime::max() : pending_.front().due;
  }

  void run_due() {
    while (next_due() <= std::chrono::steady_clock::now()) {
      std::ranges::pop_heap(pending_, std::greater{}, &Piece::due);
      const auto work = std::move(pending_.back().work);
      pending_.pop_back();
      work();
    }
  }

 private:
  struct Piece {
    MonotonicTime due;
    std::function<void()> work;
  };
  std::vector<Piece> pending_;  // a heap, the next one first
};

}  // namespace firstbyte::bench
