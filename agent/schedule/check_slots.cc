#include "agent/schedule/check_slots.h"

#include <algorithm>
#include <utility>

namespace firstbyte::agent {

CheckSlots::CheckSlots(const Check& check, std::optional<WallTime> told, const Now& now)
    : check_(check.id),
      interval_(check.interval),
      offset_(check.offset),
      next_(latest_slot(now.wall) + check.interval) {
  if (told) told_ = Told{*told, std::nullopt};
}

MonotonicTime CheckSlots::due(const Now& now) const {
  return now.monotonic + std::min(next_ - now.wall, interval_);
}

WallTime CheckSlots::latest_slot(WallTime time) const {
  const Micros since = time.time_since_epoch() - offset_;
  return time - (since % interval_ + interval_) % interval_;
}

std::optional<CheckSlot> CheckSlots::take(const Now& now, bool has_room) {
  const WallTime slot = latest_slot(now.wall);
  if (slot < next_) {
    // Further away than it can be: the clock was set back.
    next_ = std::min(next_, slot + interval_);
    return std::nullopt;
  }
  next_ = slot + interval_;
  if (!has_room) return std::nullopt;

  CheckSlot taken{.check = check_, .scheduled_at = slot};
  const MonotonicTime at = now.monotonic - (now.wall - slot);
  if (told_) {
    // How many slots ago; the clock that nobody sets knows, if it has run all the time.
    std::int64_t passed = (slot - told_->slot) / interval_;
    if (told_->at) {
      const std::int64_t lasted = (to_micros(at - *told_->at) + interval_ / 2) / interval_;
      taken.clock_set = lasted != passed;
      passed = lasted;
    } else {
      taken.clock_set = passed <= 0;
    }
    taken.skipped = static_cast<std::uint64_t>(std::max<std::int64_t>(passed, 1) - 1);
  }
  before_ = std::exchange(told_, Told{slot, at});
  return taken;
}

void CheckSlots::give_back(WallTime slot) {
  if (told_ && told_->slot == slot) told_ = before_;
}

}  // namespace firstbyte::agent
