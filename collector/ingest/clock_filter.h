// Estimates an agent's clock from pings, as NTP does. One thread at a time.
#pragma once

#include <deque>
#include <optional>

#include "collector/store/store.h"
#include "common/clock.h"

namespace firstbyte::collector {

// The four timestamps of one ping: who read which clock is in the names.
struct ClockSample {
  WallTime collector_sent;
  WallTime agent_received;
  WallTime agent_sent;
  WallTime collector_received;
};

class ClockFilter {
 public:
  void add(const ClockSample& sample);
  // The offset of the recent sample with the shortest way there and back; its error is half that
  // way, since the way may have been all on one side. Absent before the first sample.
  std::optional<ClockOffset> estimate() const;

 private:
  struct Reading {
    Micros offset;
    Micros delay;
  };
  std::deque<Reading> readings_;
};

}  // namespace firstbyte::collector
