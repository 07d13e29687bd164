#include "agent/spool/sqlite_spool.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "agent/spool/open_spool.h"

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
constexpr std::chrono::milliseconds kFirstRetry{100};
constexpr std::chrono::milliseconds kLongestRetry{5'000};

Expected<std::unique_ptr<SpoolFile>> open_file(const SqliteSpool::Options& options,
                                               const Clock& clock) {
  if (options.file.empty()) return SpoolFile::in_memory(options.bounds);
  return open_spool(options.file, options.bounds, clock.wall());
}

}  // namespace

Expected<std::unique_ptr<SqliteSpool>> SqliteSpool::open(Options options, const Clock& clock) {
  auto file = open_file(options, clock);
  if (!file) {
    return fatal(fmt::format("the spool {} cannot be opened: {}", options.file.string(),
                             file.error().message),
                 "--data-dir");
  }
  return std::unique_ptr<SqliteSpool>(new SqliteSpool(std::move(options), clock, *std::move(file)));
}

SqliteSpool::SqliteSpool(Options options, const Clock& clock, std::unique_ptr<SpoolFile> file)
    : options_(std::move(options)), clock_(clock), file_(std::move(file)) {
  {
    MutexLock lock(file_mutex_);
    publish();
  }
  writer_ = std::thread([this] { run(); });
}

SqliteSpool::~SqliteSpool() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    work_.notify_all();
  }
  writer_.join();
}

void SqliteSpool::append(Measurement measurement) {
  const std::size_t bytes = memory_of(measurement);
  MutexLock lock(mutex_);
  waiting_bytes_ += bytes;
  waiting_.push_back(std::move(measurement));
  while (waiting_bytes_ > options_.max_waiting_bytes && waiting_.size() > 1) {
    waiting_bytes_ -= memory_of(waiting_.front());
    waiting_.pop_front();
    ++overflowed_;
  }
  work_.notify_one();
}

bool SqliteSpool::flush(std::chrono::milliseconds patience) {
  const auto until = steady_clock::now() + patience;
  MutexLock lock(mutex_);
  const auto done = [this]() REQUIRES(mutex_) {
    return waiting_.empty() && writing_ == 0 && overflowed_ == 0;
  };
  while (!done() && steady_clock::now() < until) idle_.wait_until(mutex_, until);
  return done();
}

void SqliteSpool::on_change(std::function<void()> changed) {
  MutexLock lock(listener_mutex_);
  changed_ = std::move(changed);
}

std::uint64_t SqliteSpool::boot() const {
  MutexLock lock(mutex_);
  return state_.boot;
}

std::uint64_t SqliteSpool::last_sequence(std::uint64_t boot) const {
  MutexLock lock(mutex_);
  return boot == state_.boot ? state_.last_sequence : 0;
}

std::vector<SpooledRecord> SqliteSpool::after(std::uint64_t boot, std::uint64_t sequence,
                                              std::size_t most, std::size_t most_bytes) {
  if (last_sequence(boot) <= sequence) return {};
  MutexLock file_lock(file_mutex_);
  if (file_ == nullptr || file_->state().boot != boot) return {};
  auto records = file_->after(sequence, most, most_bytes);
  MutexLock lock(mutex_);
  if (!records) {
    spdlog::error("the spool cannot be read: {}", records.error().message);
    if (records.error().kind != Error::Kind::kTransient) damage_ = records.error().message;
    work_.notify_one();
    return {};
  }
  if (!records->empty()) sent_ = std::max(sent_, records->back().sequence);
  return *std::move(records);
}

std::map<std::uint64_t, WallTime> SqliteSpool::told_slots() {
  MutexLock file_lock(file_mutex_);
  if (file_ == nullptr) return {};
  auto slots = file_->told_slots();
  if (!slots) spdlog::error("the spool cannot be read: {}", slots.error().message);
  return slots.value_or(std::map<std::uint64_t, WallTime>{});
}

void SqliteSpool::acknowledge(std::uint64_t boot, std::uint64_t sequence) {
  MutexLock lock(mutex_);
  if (boot != state_.boot || sequence <= acknowledged_) return;
  acknowledged_ = std::min(sequence, state_.last_sequence);
  work_.notify_one();
}

void SqliteSpool::renew(std::uint64_t boot) {
  MutexLock lock(mutex_);
  if (boot != state_.boot) return;
  renewing_ = true;
  work_.notify_one();
}

std::uint64_t SqliteSpool::unacknowledged() const {
  if (acknowledged_ >= state_.last_sequence) return 0;
  // What is acknowledged and still there for a moment has no gaps in it, as a rule.
  return state_.results - std::min(state_.results, acknowledged_ - before_first_);
}

SpoolStatus SqliteSpool::status() const {
  MutexLock lock(mutex_);
  const bool any = unacknowledged() > 0;
  return {.results = unacknowledged() + waiting_.size() + writing_,
          .bytes = bytes_,
          .oldest_measured_at = any ? state_.oldest_measured_at : std::nullopt,
          .lost = state_.lost + overflowed_,
          .error = error_,
          .set_aside_at = state_.set_aside_at};
}

bool SqliteSpool::is_empty() const {
  MutexLock lock(mutex_);
  return waiting_.empty() && writing_ == 0 && overflowed_ == 0 &&
         acknowledged_ >= state_.last_sequence;
}

// ---- the writer

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
        idle_.notify_all();
        break;
      }
      if (stopping_) {
        spdlog::error("{} results could not be written to the spool and are lost with this process",
                      batch.size() + batch.overflowed + waiting_.size() + overflowed_);
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
    if (!waiting_.empty() || overflowed_ > 0 || renewing_ || !damage_.empty()) return true;
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
    batch.overflowed = std::exchange(overflowed_, 0);
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
  std::string damage;
  std::optional<std::uint64_t> renew_after;
  {
    MutexLock lock(mutex_);
    damage = damage_;
    if (renewing_) renew_after = sent_;
  }
  if (!damage.empty()) {
    if (auto replaced = replace(damage); !replaced) return replaced;
  } else if (renew_after) {
    if (auto renewed = file_->renew(*renew_after); !renewed) return renewed;
    publish();
  }
  SpoolFile::Turn turn{.acknowledged = 0,
                       .sent = 0,
                       .overflowed = batch.overflowed,
                       .results = batch.results,
                       .now = clock_.wall()};
  {
    MutexLock lock(mutex_);
    turn.acknowledged = acknowledged_;
    turn.sent = sent_;
  }
  Expected<> done = file_->write(turn);
  if (done) {
    publish();
  } else if (done.error().kind != Error::Kind::kTransient) {
    MutexLock lock(mutex_);
    damage_ = done.error().message;
  }
  return done;
}

Expected<> SqliteSpool::replace(const std::string& why) {
  file_ = nullptr;
  auto file = options_.file.empty()
                  ? SpoolFile::in_memory(options_.bounds)
                  : replace_spool(options_.file, options_.bounds, clock_.wall(), why);
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
    renewing_ = false;
    damage_.clear();
  }
  state_ = file_->state();
  before_first_ = file_->before_first();
  bytes_ = bytes;
  if (!error_.empty()) spdlog::info("the spool can be written again");
  error_.clear();
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
