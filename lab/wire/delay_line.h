// When a packet leaves one direction of a wire, and whether it does: no packets in here, no
// sockets, no clock. One thread.
#pragma once

#include <cstddef>
#include <expected>
#include <random>

#include "lab/wire/wire_config.h"

namespace firstbyte::wire {

using Random = std::mt19937_64;

// The settings come with each packet: a change touches those that arrive after it, and packets in
// flight keep the deadline they were given.
class DelayLine {
 public:
  enum class Drop {
    kDown,        // the wire is
    kLost,        // by chance
    kOverflowed,  // the queue in front of the limited rate is full
  };

  explicit DelayLine(Random& random) : random_(random) {}

  // When a packet of `bytes` that arrived then leaves at the other end, never before an earlier
  // one. A GSO super-packet (up to 64 kB that the sender's kernel has not cut up yet) is one
  // packet: it is lost as a whole and pays for the rate without the headers its segments would have
  // had.
  std::expected<MonotonicTime, Drop> admit(MonotonicTime arrival, std::size_t bytes,
                                           const WireSettings& settings);

  // Nothing is in flight any more.
  void clear() { link_free_ = last_ = MonotonicTime::min(); }

  // What the queue in front of a limited rate holds, as the time it takes to send.
  static constexpr std::chrono::milliseconds kLongestQueue{100};

 private:
  bool is_lost(double loss_percent);
  std::chrono::nanoseconds propagation(const WireSettings& settings);

  Random& random_;
  MonotonicTime link_free_ = MonotonicTime::min();
  MonotonicTime last_ = MonotonicTime::min();
};

}  // namespace firstbyte::wire
