#include "collector/ingest/clock_filter.h"

#include <algorithm>

namespace firstbyte::collector {
namespace {

// With a ping every few seconds this looks back less than a minute: a clock drifts little in that
// time.
constexpr std::size_t kReadings = 8;

}  // namespace

void ClockFilter::add(const ClockSample& sample) {
  const Micros there = sample.agent_received - sample.collector_sent;
  const Micros back = sample.agent_sent - sample.collector_received;
  const Micros delay = (sample.collector_received - sample.collector_sent) -
                       (sample.agent_sent - sample.agent_received);
  // A clock that was stepped between two readings makes nonsense of the sample.
  if (delay < Micros{0}) return;
  readings_.push_back({(there + back) / 2, delay});
  if (readings_.size() > kReadings) readings_.pop_front();
}

std::optional<ClockOffset> ClockFilter::estimate() const {
  const auto best = std::ranges::min_element(readings_, {}, &Reading::delay);
  if (best == readings_.end()) return std::nullopt;
  return ClockOffset{best->offset, best->delay / 2};
}

}  // namespace firstbyte::collector
