// One direction of a wire: the packets in flight, and what became of the others. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>

#include "lab/wire/delay_line.h"
#include "lab/wire/lateness.h"
#include "lab/wire/packet_pool.h"

namespace firstbyte::wire {

struct DirectionCounts {
  std::uint64_t packets = 0;  // that left at the other end
  std::uint64_t bytes = 0;    // theirs
  std::uint64_t lost = 0;
  std::uint64_t down = 0;        // dropped because the wire or the interface behind it is down
  std::uint64_t overflowed = 0;  // no room: for the rate, in the pool, in a socket
};

class Direction {
 public:
  enum class Sent { kYes, kNoRoom, kDown };
  using Send = std::function<Sent(std::span<iovec>)>;

  // Packets come with a header that is not on the wire, and leave with it.
  static constexpr std::size_t kMostPackets = 20'000;

  Direction(PacketPool& pool, Random& random, std::size_t header_bytes, Send send);

  void arrive(std::span<const std::byte> packet, MonotonicTime arrival,
              const WireSettings& settings);
  // When the first packet in flight leaves; max() while there is none.
  MonotonicTime due() const {
    return in_flight_.empty() ? MonotonicTime::max() : in_flight_.front().deadline;
  }
  // The first packet in flight leaves now.
  void send_first(MonotonicTime now);
  void drop_in_flight();
  void count_overflowed(std::uint64_t packets) { counts_.overflowed += packets; }

  const DirectionCounts& counts() const { return counts_; }
  std::size_t in_flight() const { return in_flight_.size(); }
  const Lateness& lateness() const { return lateness_; }

 private:
  struct InFlight {
    MonotonicTime deadline;
    PacketPool::Packet packet;
  };

  void count(DelayLine::Drop drop);

  PacketPool& pool_;
  const std::size_t header_bytes_;
  const Send send_;
  DelayLine line_;
  // Nothing overtakes within a direction, so the first in is the first out.
  std::deque<InFlight> in_flight_;
  DirectionCounts counts_;
  Lateness lateness_;
};

}  // namespace firstbyte::wire
