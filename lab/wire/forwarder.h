// From one end of each wire to the other. One thread.
#pragma once

#include <deque>
#include <memory>
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
  // Adds what the kernel dropped before it could be read to the wires' counts.
  void count_missed();

 private:
  // What comes in at `socket` goes into this direction.
  struct End {
    PacketSocket& socket;
    Wire& wire;
    Direction& into;
  };

  Forwarder(EventLoop& loop, std::uint64_t seed) : loop_(loop), random_(seed) {}
  Expected<> add(WireConfig config);
  Expected<PacketSocket*> open_end(const WireConfig& config, const char* key,
                                   const std::string& interface);
  void connect(PacketSocket& socket, Wire& wire, Direction& into);
  void receive(const End& end);
  Direction* first_due();

  EventLoop& loop_;
  Random random_;
  PacketPool pool_;
  PacketBatch batch_;
  // Deques: what is in them never moves.
  std::deque<PacketSocket> sockets_;
  std::deque<Wire> wires_;
  std::deque<End> ends_;
};

}  // namespace firstbyte::wire
