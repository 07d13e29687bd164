// The thread that writes: what has gathered, in one transaction, again and again until it is done.

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "agent/spool/open_spool.h"
#include "agent/spool/sqlite_spool.h"

namespace firstbyte::agent {
namespace {

using std::chrono::steady_clock;

// One transaction's.
constexpr std::size_t kMostResults = 256;
constexpr std::size_t kMostBytes = 1024 * 1024;
// How long something acknowledged may wait for a transaction that is made anyway.
constexpr std::chrono::seconds kTidyAfter{1};
// How often the age of what is spooled is looked at when nothing else is written.
constexpr std::chrono::seconds kLookAfter{60};
// Results of tests that are remembered as such; what is forgotten comes in its turn.
constexpr std::size_t kMostOrdered = 64;
constexpr std::chrono::milliseconds kFirstRetry{100};
constexpr std::chrono::milliseconds kLongestRetry{5'000};

Expected<std::unique_ptr<SpoolFile>> open_file(const SqliteSpool::Options& options,
                                               const Clock& clock) {
  if (options.file.empty()) return SpoolFile::in_memory(options.bounds);
  return open_spool(options.file, options.bounds, clock.wall());
}

}  // namespace

void SqliteSpool::run() {
  while (wait_for_work()) {
    const Batch batch = take();
    auto delay = kFirstRetry;
    while (true) {
      const Expected<> done = write(batch);
      if (!done) note_failure(done.error());
      MutexLock lock(mutex_);
      if (done) {
        writing_ = 0;
        writing_lost_ = 0;
        idle_.notify_all();
        break;
      }
      if (stopping_) {
        const std::uint64_t lost = batch.size() + batch.overflowed + waiting_.size() + overflowed_;
        if (lost > 0) {
          spdlog::error(
              "{} results could not be written to the spool and are lost with this process", lost);
        }
        return;
      }
      const auto until = steady_clock::now() + delay;
      while (!stopping_ && steady_clock::now() < until) work_.wait_until(mutex_, until);
      delay = std::min(2 * delay, kLongestRetry);
    }
    tell_change();
  }
}

bool SqliteSpool::wait_for_work() {
  auto begun = steady_clock::now();
  MutexLock lock(mutex_);
  while (true) {
    const bool troubled = state_.boot == 0 || renewing_.has_value() || !damage_.empty();
    if (!waiting_.empty() || overflowed_ > 0 || troubled) return true;
    const bool untidy = acknowledged_ > before_first_;
    if (stopping_) return untidy;
    const auto until = begun + (untidy ? kTidyAfter : kLookAfter);
    if (const auto now = steady_clock::now(); now >= until) {
      if (untidy || state_.results > 0) return true;
      begun = now;
      continue;
    }
    work_.wait_until(mutex_, until);
  }
}

SqliteSpool::Batch SqliteSpool::take() {
  const std::size_t most_bytes = std::min<std::size_t>(kMostBytes, options_.bounds.max_bytes / 32);
  Batch batch;
  std::vector<Measurement> taken;
  {
    MutexLock lock(mutex_);
    batch.overflowed = writing_lost_ = std::exchange(overflowed_, 0);
    std::size_t taken_bytes = 0;
    while (!waiting_.empty() && taken.size() < kMostResults) {
      const std::size_t bytes = memory_of(waiting_.front());
      if (!taken.empty() && taken_bytes + bytes > most_bytes) break;
      taken_bytes += bytes;
      taken.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
    waiting_bytes_ -= taken_bytes;
    writing_ = taken.size();
  }
  batch.results.reserve(taken.size());
  for (const Measurement& measurement : taken) batch.results.push_back(encode_result(measurement));
  return batch;
}

Expected<> SqliteSpool::write(const Batch& batch) {
  MutexLock file_lock(file_mutex_);
  if (auto prepared = prepare(); !prepared) return prepared;
  SpoolFile::Turn turn{.acknowledged = 0,
                       .sent = 0,
                       .overflowed = batch.overflowed,
                       .results = batch.results,
                       .now = clock_.wall(),
                       .age_now = age_now(batch.results)};
  {
    MutexLock lock(mutex_);
    turn.acknowledged = acknowledged_;
    turn.sent = sent_;
  }
  Expected<> done = file_->write(turn);
  if (done) {
    publish();
    note_ordered(batch.results);
  } else if (done.error().kind != Error::Kind::kTransient) {
    MutexLock lock(mutex_);
    damage_ = done.error().message;
  }
  return done;
}

Expected<> SqliteSpool::prepare() {
  std::string damage;
  std::optional<std::uint64_t> renew_after;
  {
    MutexLock lock(mutex_);
    damage = damage_;
    if (renewing_) renew_after = std::max(std::min(sent_, *renewing_), acknowledged_);
  }
  if (!damage.empty()) return replace(damage);
  if (file_ == nullptr) return take_file();
  if (!renew_after) return {};
  if (auto renewed = file_->renew(*renew_after); !renewed) return renewed;
  publish();
  return {};
}

Expected<> SqliteSpool::take_file() {
  auto file = open_file(options_, clock_);
  if (!file) return std::unexpected(std::move(file.error()));
  file_ = *std::move(file);
  const WallTime wall = clock_.wall();
  age_clock_.set(std::min(wall, file_->state().age_at.value_or(wall)), clock_.now());
  publish();
  MutexLock lock(mutex_);
  found_ = state_.last_sequence;
  return {};
}

Expected<> SqliteSpool::replace(const std::string& why) {
  file_ = nullptr;
  std::uint64_t lost = 0;
  {
    MutexLock lock(mutex_);
    lost = state_.last_sequence - acknowledged_;
  }
  auto file = options_.file.empty()
                  ? SpoolFile::in_memory(options_.bounds)
                  : replace_spool(options_.file, options_.bounds, clock_.wall(), why, lost);
  if (!file) return std::unexpected(std::move(file.error()));
  file_ = *std::move(file);
  publish();
  return {};
}

void SqliteSpool::publish() {
  const std::uint64_t bytes = file_->bytes();
  MutexLock lock(mutex_);
  if (file_->state().boot != state_.boot) {
    acknowledged_ = file_->before_first();
    sent_ = file_->state().sent;
    found_ = 0;
    told_ahead_ = 0;
    renewing_.reset();
    damage_.clear();
    ordered_.clear();
  }
  state_ = file_->state();
  before_first_ = file_->before_first();
  bytes_ = bytes;
  if (!error_.empty()) spdlog::info("the spool can be written again");
  error_.clear();
}

void SqliteSpool::note_ordered(const std::vector<EncodedResult>& results) {
  std::uint64_t sequence = file_->state().last_sequence - results.size();
  MutexLock lock(mutex_);
  for (const EncodedResult& result : results) {
    ++sequence;
    if (result.ordered) ordered_.push_back(sequence);
    if (ordered_.size() > kMostOrdered) ordered_.pop_front();
  }
}

WallTime SqliteSpool::age_now(const std::vector<EncodedResult>& results) {
  const WallTime wall = clock_.wall();
  const MonotonicTime now = clock_.now();
  // The clock may have been set forward since they were measured.
  WallTime from = wall;
  for (const EncodedResult& result : results) from = std::min(from, result.measured_at);
  MutexLock lock(mutex_);
  if (acknowledged_ >= state_.last_sequence) age_clock_.set(from, now);
  return age_clock_.read(wall, now);
}

void SqliteSpool::note_failure(const Error& error) {
  {
    MutexLock lock(mutex_);
    std::string text = fmt::format("the spool cannot be written: {}", error.message);
    if (text == error_) return;
    spdlog::error("{}; results wait in memory", text);
    error_ = std::move(text);
  }
  tell_change();
}

void SqliteSpool::tell_change() {
  MutexLock lock(listener_mutex_);
  if (changed_) changed_();
}

}  // namespace firstbyte::agent
