// A wire: two directions that behave alike. One thread.
#pragma once

#include <string>
#include <utility>

#include "lab/wire/direction.h"

namespace firstbyte::wire {

class Wire {
 public:
  Wire(WireConfig config, PacketPool& pool, Random& random, std::size_t header_bytes,
       Direction::Send out_at_a, Direction::Send out_at_b)
      : config_(std::move(config)),
        a_to_b_(pool, random, header_bytes, std::move(out_at_b)),
        b_to_a_(pool, random, header_bytes, std::move(out_at_a)) {}

  const std::string& name() const { return config_.name; }
  const WireSettings& settings() const { return config_.settings; }
  // Packets in flight keep their deadlines, but a wire that goes down loses them.
  void change(const WireSettings& settings) {
    config_.settings = settings;
    if (settings.up) return;
    a_to_b_.drop_in_flight();
    b_to_a_.drop_in_flight();
  }

  Direction& a_to_b() { return a_to_b_; }
  Direction& b_to_a() { return b_to_a_; }
  const Direction& a_to_b() const { return a_to_b_; }
  const Direction& b_to_a() const { return b_to_a_; }

 private:
  WireConfig config_;
  Direction a_to_b_;
  Direction b_to_a_;
};

}  // namespace firstbyte::wire
