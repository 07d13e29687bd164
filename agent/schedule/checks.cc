#include "agent/schedule/checks.h"

#include <spdlog/spdlog.h>

#include <optional>
#include <utility>

#include "agent/schedule/slots.h"

namespace firstbyte::agent {

Checks::Checks(EventLoop& loop, Told told, HasRoom has_room, Start start)
    : loop_(loop),
      has_room_(std::move(has_room)),
      start_(std::move(start)),
      told_(std::move(told)) {}

void Checks::assign(Assignment assignment) {
  loop_.post(
      [this, assignment = std::move(assignment)]() mutable { replace(std::move(assignment)); });
}

void Checks::replace(Assignment assignment) {
  auto before = std::exchange(series_, {});
  for (Check& check : assignment.checks) {
    auto known = before.extract(check.id);
    const bool goes_on = known && known.mapped().check.interval == check.interval &&
                         known.mapped().check.offset == check.offset;
    if (goes_on) {
      known.mapped().check.target = std::move(check.target);
      series_.insert(std::move(known));
      continue;
    }
    if (known) loop_.cancel(known.mapped().timer);
    const std::uint64_t id = check.id;
    wait_for_slot(series_.emplace(id, make_series(std::move(check))).first->second);
  }
  for (const auto& [id, gone] : before) loop_.cancel(gone.timer);
  spdlog::info("{} checks are assigned", series_.size());
}

Checks::Series Checks::make_series(Check check) {
  const auto told = told_.extract(check.id);
  CheckSlots slots(check, told ? std::optional(told.mapped()) : std::nullopt, now());
  return {std::move(check), std::move(slots)};
}

void Checks::wait_for_slot(Series& series) {
  series.timer =
      loop_.call_at(series.slots.due(now()), [this, id = series.check.id] { slot_is_due(id); });
}

void Checks::slot_is_due(std::uint64_t id) {
  Series& series = series_.at(id);
  const bool has_room = !running_.contains(id) && running_.size() < kMostRunning && has_room_();
  const auto slot = series.slots.take(now(), has_room);
  wait_for_slot(series);
  if (!slot) return;
  running_.insert(id);
  start_({.test_id = {}, .target = series.check.target, .slot = slot});
}

bool Checks::take(const Measurement& measurement) {
  const CheckSlot& slot = measurement.slot.value();
  running_.erase(slot.check);
  if (was_stopped(measurement)) {
    const auto series = series_.find(slot.check);
    if (series != series_.end()) series->second.slots.give_back(slot.scheduled_at);
    return false;
  }
  return true;
}

}  // namespace firstbyte::agent
