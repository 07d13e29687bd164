#include <set>

#include "proto/codec.h"
#include "proto/wire_bounds.h"

namespace firstbyte {
namespace {

// Three decades of the shortest interval; sums of it stay within what a store can hold.
constexpr std::uint64_t kMaxSkipped = 10'000'000'000;

Check decode(const v1::Check& message, Bounds& bounds) {
  constexpr auto kLeast = static_cast<std::uint64_t>(Micros{kMinInterval}.count());
  constexpr auto kMost = static_cast<std::uint64_t>(Micros{kMaxInterval}.count());
  Check check{.id = message.id(), .name = message.name()};
  if (!is_check_name(check.name)) bounds.breach("check.name", "is not a valid name");
  check.target = decode(message.target(), bounds);
  check.interval = Micros{static_cast<std::int64_t>(
      bounds.between(message.interval_us(), kLeast, kMost, "check.interval_us"))};
  if (message.offset_us() >= message.interval_us()) {
    bounds.breach("check.offset_us", "is not less than the interval");
  }
  check.offset = Micros{static_cast<std::int64_t>(message.offset_us())};
  return check;
}

}  // namespace

v1::Assignment encode(const Assignment& assignment) {
  v1::Assignment message;
  message.set_revision(assignment.revision);
  for (const Check& check : assignment.checks) {
    v1::Check* out = message.add_checks();
    out->set_id(check.id);
    out->set_name(check.name);
    *out->mutable_target() = encode(check.target);
    out->set_interval_us(static_cast<std::uint64_t>(check.interval.count()));
    out->set_offset_us(static_cast<std::uint64_t>(check.offset.count()));
  }
  return message;
}

Expected<Assignment> decode(const v1::Assignment& message) {
  Bounds bounds;
  bounds.count(message.checks_size(), "assignment.checks", kMaxChecks);
  if (bounds.error()) return std::unexpected(*bounds.error());
  Assignment assignment{.revision = message.revision()};
  std::set<std::uint64_t> ids;
  for (const v1::Check& part : message.checks()) {
    if (!ids.insert(part.id()).second) bounds.breach("check.id", "is there twice");
    assignment.checks.push_back(decode(part, bounds));
    if (bounds.error()) return std::unexpected(*bounds.error());
  }
  return assignment;
}

v1::Slot encode(const CheckSlot& slot) {
  v1::Slot message;
  message.set_check(slot.check);
  message.set_scheduled_at_us(slot.scheduled_at.time_since_epoch().count());
  message.set_late_us(static_cast<std::uint64_t>(slot.late.count()));
  message.set_skipped(slot.skipped);
  message.set_clock_set(slot.clock_set);
  return message;
}

CheckSlot decode(const v1::Slot& message, Bounds& bounds) {
  return {
      .check = message.check(),
      .scheduled_at = WallTime{Micros{bounds.between<std::int64_t>(
          message.scheduled_at_us(), 0, kMaxWallMicros, "slot.scheduled_at_us")}},
      .late = decode_micros(message.late_us(), "slot.late_us", bounds),
      .skipped = bounds.between<std::uint64_t>(message.skipped(), 0, kMaxSkipped, "slot.skipped"),
      .clock_set = message.clock_set()};
}

}  // namespace firstbyte
