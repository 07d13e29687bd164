#include "agent/health/control_target.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "common/jitter.h"

namespace firstbyte::agent {

ControlTarget::ControlTarget(EventLoop& loop, Options options, StartProbe start_probe)
    : loop_(loop),
      options_(std::move(options)),
      start_probe_(std::move(start_probe)),
      slots_(loop.clock().now() + jitter(options_.seed, options_.url, options_.interval),
             options_.interval) {}

void ControlTarget::begin() {
  loop_.post([this] { wait_for_slot(); });
}

void ControlTarget::wait_for_slot() {
  loop_.call_at(slots_.next(), [this] { slot_is_due(); });
}

void ControlTarget::slot_is_due() {
  const MonotonicTime now = loop_.clock().now();
  std::uint64_t skipped = slots_.skip_before(now - options_.interval);
  const Micros late = to_micros(now - slots_.take());
  if (!start()) ++skipped;
  spdlog::debug("control target: a slot was due {} us ago", late.count());
  if (skipped > 0) {
    skipped_ += skipped;
    spdlog::info("control target: skipped {} slots, {} in all", skipped, skipped_);
  }
  wait_for_slot();
}

bool ControlTarget::start() {
  if (running_) return false;
  running_ = true;  // already now, as the result may come at once
  if (start_probe_({.test_id = {}, .target = {.url = options_.url}})) return true;
  running_ = false;
  return false;
}

void ControlTarget::take(const Measurement& measurement) {
  running_ = false;
  if (was_stopped(measurement)) {
    ++skipped_;
    return;
  }
  const bool failed_before = latest_ && latest_->cause;
  latest_ = ControlCheck{.url = options_.url,
                         .measured_at = measurement.measured_at,
                         .ttfb = measurement.timings.ttfb(),
                         .cause = std::nullopt};
  if (measurement.failure) latest_->cause = measurement.failure->cause;
  if (latest_->cause && !failed_before) {
    spdlog::warn("the control target {} failed: {}", options_.url, measurement.failure->message);
  } else if (failed_before && !latest_->cause) {
    spdlog::info("the control target {} answers again", options_.url);
  }
}

}  // namespace firstbyte::agent
