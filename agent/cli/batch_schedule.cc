#include "agent/cli/batch_schedule.h"

#include <algorithm>
#include <utility>

namespace firstbyte::agent {
namespace {

std::optional<Slots::Period> period_of(std::optional<double> rate) {
  return rate.transform(
      [](double starts) -> Slots::Period { return std::chrono::duration<double>(1 / starts); });
}

// Half a period at most, or what is late could never catch up.
std::chrono::nanoseconds gap_of(const std::optional<Slots::Period>& period) {
  if (!period) return {};
  return std::min(kStartGap, std::chrono::floor<std::chrono::nanoseconds>(*period / 2));
}

}  // namespace

BatchSchedule::BatchSchedule(std::size_t concurrency, std::optional<double> rate)
    : concurrency_(concurrency), period_(period_of(rate)), pacer_(gap_of(period_)) {}

void BatchSchedule::offer(Line line, MonotonicTime now, bool was_idle) {
  waiting_ = Start{std::move(line), std::nullopt};
  if (!period_) return;
  if (!slots_) slots_.emplace(now, *period_);
  if (was_idle) slots_->skip_before(now);
  waiting_->slot = slots_->take();
}

std::optional<BatchSchedule::Start> BatchSchedule::start(MonotonicTime now) {
  const std::optional<MonotonicTime> due = next_start();
  if (!due || *due > now) return std::nullopt;
  ++running_;
  pacer_.started(now);
  return std::exchange(waiting_, std::nullopt);
}

std::optional<MonotonicTime> BatchSchedule::next_start() const {
  if (!waiting_ || running_ >= concurrency_) return std::nullopt;
  return std::max(waiting_->slot.value_or(MonotonicTime{}), pacer_.earliest());
}

}  // namespace firstbyte::agent
