#include "agent/spool/sqlite_spool.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "common/folder_lock.h"

namespace firstbyte::agent {
namespace {

using std::chrono::steady_clock;

// Whether it may be opened later, without anybody doing something about this program.
bool may_pass(const Error& error, const std::filesystem::path& file) {
  return error.kind == Error::Kind::kTransient && check_writable(file.parent_path()) &&
         (!std::filesystem::exists(file) || check_writable(file));
}

}  // namespace

Expected<std::unique_ptr<SqliteSpool>> SqliteSpool::open(Options options, const Clock& clock) {
  std::unique_ptr<SqliteSpool> spool(new SqliteSpool(std::move(options), clock));
  if (auto begun = spool->begin(); !begun) return std::unexpected(std::move(begun.error()));
  return spool;
}

SqliteSpool::SqliteSpool(Options options, const Clock& clock)
    : options_(std::move(options)), clock_(clock) {}

Expected<> SqliteSpool::begin() {
  Expected<> taken;
  {
    MutexLock lock(file_mutex_);
    taken = take_file();
  }
  if (!taken && !may_pass(taken.error(), options_.file)) {
    return fatal(fmt::format("the spool {} cannot be opened: {}", options_.file.string(),
                             taken.error().message),
                 "--data-dir");
  }
  if (!taken) note_failure(taken.error());
  writer_ = std::thread([this] { run(); });
  return {};
}

SqliteSpool::~SqliteSpool() {
  if (!writer_.joinable()) return;
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
    return waiting_.empty() && writing_ == 0 && writing_lost_ == 0 && overflowed_ == 0;
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

std::uint64_t SqliteSpool::last_measured(std::uint64_t boot) const {
  MutexLock lock(mutex_);
  if (boot != state_.boot) return 0;
  return state_.last_sequence + writing_lost_ + writing_ + overflowed_ + waiting_.size();
}

std::uint64_t SqliteSpool::may_have_left(std::uint64_t boot) const {
  MutexLock lock(mutex_);
  return boot == state_.boot ? std::max({found_, sent_, told_ahead_}) : 0;
}

std::vector<SpooledRecord> SqliteSpool::after(std::uint64_t boot, std::uint64_t sequence,
                                              std::size_t most, std::size_t most_bytes) {
  if (last_sequence(boot) <= sequence) return {};
  MutexLock file_lock(file_mutex_);
  auto records = read(boot, sequence, most, most_bytes);
  MutexLock lock(mutex_);
  if (!records.empty()) sent_ = std::max(sent_, records.back().sequence);
  return records;
}

std::vector<SpooledRecord> SqliteSpool::read(std::uint64_t boot, std::uint64_t sequence,
                                             std::size_t most, std::size_t most_bytes) {
  if (file_ == nullptr || file_->state().boot != boot) return {};
  auto records = file_->after(sequence, most, most_bytes);
  if (records) return *std::move(records);
  spdlog::error("the spool cannot be read: {}", records.error().message);
  MutexLock lock(mutex_);
  if (records.error().kind != Error::Kind::kTransient) damage_ = records.error().message;
  work_.notify_one();
  return {};
}

bool SqliteSpool::has_ordered(std::uint64_t boot, std::uint64_t sequence) const {
  MutexLock lock(mutex_);
  return boot == state_.boot && !ordered_.empty() && ordered_.back() > sequence;
}

std::optional<SpooledRecord> SqliteSpool::next_ordered(std::uint64_t boot, std::uint64_t sequence) {
  MutexLock file_lock(file_mutex_);
  while (true) {
    std::uint64_t next = 0;
    {
      MutexLock lock(mutex_);
      const auto found = std::ranges::upper_bound(ordered_, sequence);
      if (boot != state_.boot || found == ordered_.end()) return std::nullopt;
      next = *found;
    }
    auto records = read(boot, next - 1, 1, 0);
    if (records.empty()) return std::nullopt;
    SpooledRecord& record = records.front();
    MutexLock lock(mutex_);
    if (record.sequence == next && !std::holds_alternative<Gap>(record.body)) {
      told_ahead_ = std::max(told_ahead_, next);
      return std::move(record);
    }
    std::erase(ordered_, next);  // it has been given up meanwhile
  }
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
  while (!ordered_.empty() && ordered_.front() <= acknowledged_) ordered_.pop_front();
  work_.notify_one();
}

void SqliteSpool::renew(std::uint64_t boot, std::uint64_t committed) {
  MutexLock lock(mutex_);
  if (boot != state_.boot) return;
  renewing_ = committed;
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
          .lost = state_.lost + writing_lost_ + overflowed_,
          .error = error_,
          .set_aside_at = state_.set_aside_at};
}

bool SqliteSpool::is_empty() const {
  MutexLock lock(mutex_);
  return waiting_.empty() && writing_ == 0 && writing_lost_ == 0 && overflowed_ == 0 &&
         acknowledged_ >= state_.last_sequence;
}

}  // namespace firstbyte::agent
