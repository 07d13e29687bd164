#include "collector/ingest/clock_filter.h"

#include <algorithm>
#include <cstdlib>

namespace firstbyte::collector {
namespace {

// With a ping every few seconds these look back less than a minute.
constexpr std::size_t kReadings = 8;
// More than these are under way only where nothing comes back.
constexpr std::size_t kPings = 8;

// Rounded up, since it stands in a bound.
Micros drift(Micros over) {
  const std::int64_t us = std::max<std::int64_t>(over.count(), 0);
  return Micros{us / 1'000'000 * ClockFilter::kDriftPpm +
                (us % 1'000'000 * ClockFilter::kDriftPpm + 999'999) / 1'000'000};
}

}  // namespace

ClockFilter::ClockFilter(ClockOffset known, bool settled, MonotonicTime now)
    : readings_{{known.offset, known.error, now}}, settled_(settled) {}

void ClockFilter::sent(WallTime wall, MonotonicTime now) {
  pings_.push_back({wall, now});
  if (pings_.size() > kPings) pings_.pop_front();
}

std::optional<ClockStep> ClockFilter::answered(const ClockAnswer& answer, WallTime wall,
                                               MonotonicTime now) {
  const auto ping = std::ranges::find(pings_, answer.ping, &Ping::wall);
  if (ping == pings_.end()) return std::nullopt;
  const MonotonicTime sent = ping->at;
  pings_.erase(pings_.begin(), ping + 1);  // answers come in order

  const Micros elapsed = to_micros(now - sent);
  const Micros delay = elapsed - (answer.sent - answer.received);
  // The agent's clock was set between its two readings.
  if (delay < Micros{0}) return std::nullopt;
  const Micros there = answer.received - (wall - elapsed);
  const Micros back = answer.sent - wall;
  // One more, since halves are cut off, and one for each clock that tells whole microseconds.
  const Reading reading{(there + back) / 2, delay / 2 + Micros{3}, sent};
  const ClockOffset fresh = of(reading, now);
  const std::optional<ClockOffset> before = estimate(now);
  std::optional<ClockStep> step;
  if (before) {
    const Micros by = fresh.offset - before->offset;
    const Micros error = fresh.error + before->error;
    if (std::abs(by.count()) > error.count()) step = ClockStep{wall, by, error};
  }
  if (step) readings_.clear();
  // Under another name the same results have other numbers.
  if (!settled_ || step || (unknown_ && unknown_->boot != answer.boot)) {
    unknown_ = Unknown{answer.boot, answer.last_sequence};
  }
  settled_ = true;
  confirmed_ = true;
  readings_.push_back(reading);
  if (readings_.size() > kReadings) readings_.pop_front();
  return step;
}

std::optional<ClockOffset> ClockFilter::estimate(MonotonicTime now) const {
  std::optional<ClockOffset> best;
  for (const Reading& reading : readings_) {
    const ClockOffset offset = of(reading, now);
    if (!best || offset.error <= best->error) best = offset;
  }
  return best;
}

ResultClock ClockFilter::for_results(std::uint64_t boot, MonotonicTime now) const {
  // Of a spool that got another name nothing is known until the next answer.
  if (!confirmed_ || (unknown_ && unknown_->boot != boot)) return {};
  return {estimate(now), unknown_ ? unknown_->last_sequence : 0};
}

void ClockFilter::resume() {
  pings_.clear();
  confirmed_ = false;
}

ClockOffset ClockFilter::aged(ClockOffset offset, Micros age) {
  return {offset.offset, offset.error + drift(age)};
}

ClockOffset ClockFilter::of(const Reading& reading, MonotonicTime now) {
  return aged({reading.offset, reading.error}, to_micros(now - reading.at));
}

}  // namespace firstbyte::collector
