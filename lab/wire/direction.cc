#include "lab/wire/direction.h"

#include <algorithm>
#include <utility>

namespace firstbyte::wire {

Direction::Direction(PacketPool& pool, Random& random, std::size_t header_bytes, Send send)
    : pool_(pool), header_bytes_(header_bytes), send_(std::move(send)), line_(random) {}

void Direction::arrive(std::span<const std::byte> packet, MonotonicTime arrival,
                       const WireSettings& settings) {
  if (in_flight_.size() >= kMostPackets) return count(DelayLine::Drop::kOverflowed);
  const std::size_t bytes = packet.size() - std::min(header_bytes_, packet.size());
  const auto deadline = line_.admit(arrival, bytes, settings);
  if (!deadline) return count(deadline.error());
  const auto stored = pool_.store(packet);
  if (!stored) return count(DelayLine::Drop::kOverflowed);
  in_flight_.push_back({*deadline, *stored});
}

void Direction::send_first(MonotonicTime now) {
  const auto [deadline, packet] = in_flight_.front();
  in_flight_.pop_front();
  PacketPool::Pieces room;
  const Sent sent = send_(pool_.pieces(packet, room));
  pool_.release(packet);
  if (sent == Sent::kNoRoom) return count(DelayLine::Drop::kOverflowed);
  if (sent == Sent::kDown) return count(DelayLine::Drop::kDown);
  ++counts_.packets;
  counts_.bytes += packet.bytes - std::min<std::size_t>(header_bytes_, packet.bytes);
  lateness_.add(now - deadline);
}

void Direction::drop_in_flight() {
  for (const InFlight& entry : in_flight_) pool_.release(entry.packet);
  counts_.down += in_flight_.size();
  in_flight_.clear();
  line_.clear();
}

void Direction::count(DelayLine::Drop drop) {
  switch (drop) {
    case DelayLine::Drop::kDown:
      ++counts_.down;
      break;
    case DelayLine::Drop::kLost:
      ++counts_.lost;
      break;
    case DelayLine::Drop::kOverflowed:
      ++counts_.overflowed;
      break;
  }
}

}  // namespace firstbyte::wire
