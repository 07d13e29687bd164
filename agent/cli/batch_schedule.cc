#include "agent/cli/batch_schedule.h"

#include <cmath>
#include <utility>

namespace firstbyte::agent {

MonotonicTime BatchSchedule::slot(std::uint64_t number) const {
  const double ns = static_cast<double>(number) * 1e9 / *rate_;
  return *epoch_ + std::chrono::nanoseconds{std::llround(ns)};
}

void BatchSchedule::offer(Line line, MonotonicTime now, bool was_idle) {
  waiting_ = Start{std::move(line), std::nullopt};
  if (!rate_) return;
  if (!epoch_) epoch_ = now;
  if (was_idle && slot(next_slot_) < now) {
    const double passed = std::chrono::duration<double>(now - *epoch_).count() * *rate_;
    next_slot_ = static_cast<std::uint64_t>(std::ceil(passed));
  }
  waiting_->slot = slot(next_slot_++);
}

std::optional<BatchSchedule::Start> BatchSchedule::start(MonotonicTime now) {
  const std::optional<MonotonicTime> due = next_start();
  if (!due || *due > now) return std::nullopt;
  ++running_;
  return std::exchange(waiting_, std::nullopt);
}

std::optional<MonotonicTime> BatchSchedule::next_start() const {
  if (!waiting_ || running_ >= concurrency_) return std::nullopt;
  return waiting_->slot.value_or(MonotonicTime{});
}

}  // namespace firstbyte::agent
