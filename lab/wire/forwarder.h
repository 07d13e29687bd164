// From one end of each wire to the other. One thread.
#pragma once

#include <deque>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "lab/wire/event_loop.h"
#include "lab/wire/packet_socket.h"
#include "lab/wire/wire.h"

namespace firstbyte::wire {

class Forwarder {
 public:
  // An Error names the wire and the end. The loop calls it from then on, and must outlive it.
  static Expected<std::unique_ptr<Forwarder>> open(std::vector<WireConfig> configs, EventLoop& loop,
                                                   std::uint64_t seed);
  Forwarder(const Forwarder&) = delete;
  Forwarder& operator=(const Forwarder&) = delete;

  // Sends what is due, up to a number that leaves time for reading. Gives when the next packet is
  // due; max(): none is in flight.
  MonotonicTime send_due();

  std::deque<Wire>& wires() { return wires_; }
  // What the kernel dropped before it could be read, on all wires together.
  std::uint64_t missed() { return missed_ += socket_.take_missed(); }

 private:
  // What comes in there goes into this direction.
  struct End {
    Wire& wire;
    Direction& into;
  };

  Forwarder(PacketSocket socket, std::uint64_t seed) : socket_(std::move(socket)), random_(seed) {}
  Expected<> add(WireConfig config);
  void receive();
  Direction* first_due();

  PacketSocket socket_;
  Random random_;
  PacketPool pool_;
  PacketBatch batch_;
  std::deque<Wire> wires_;             // what is in a deque never moves
  std::unordered_map<int, End> ends_;  // by the interface's index
  std::uint64_t missed_ = 0;
};

}  // namespace firstbyte::wire
