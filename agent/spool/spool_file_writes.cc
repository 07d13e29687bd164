// What SpoolFile changes, each in one transaction.

#include <algorithm>

#include "agent/spool/spool_file.h"
#include "common/random_number.h"

namespace firstbyte::agent {
namespace {

// Results that go at once when the spool is full.
constexpr std::uint64_t kStep = 64;
// Of the bound on size, for the log of a small spool.
constexpr std::uint64_t kLeastRest = 256 * 1024;
// Parts of the longest age: how much older than it a result may get.
constexpr int kAgeSteps = 1440;

}  // namespace

template <typename Work>
Expected<> SpoolFile::in_transaction(Work work) {
  if (auto begun = database_.execute("BEGIN IMMEDIATE"); !begun) return begun;
  Expected<> done = work();
  if (done) done = database_.execute("COMMIT");
  // SQLite ends some by itself; what else cannot be taken back now is not there after a new start.
  if (!done && database_.in_transaction()) (void)database_.execute("ROLLBACK");
  return done;
}

Expected<> SpoolFile::write(const Turn& turn) {
  State next = state_;
  next.sent = std::max(state_.sent, turn.sent);
  next.age_at = turn.age_now.value_or(turn.now);
  Expected<> done = in_transaction([&]() -> Expected<> {
    if (auto gone = acknowledge(turn.acknowledged, next); !gone) return gone;
    if (turn.overflowed > 0) {
      const std::uint64_t first = next.last_sequence + 1;
      next.last_sequence += turn.overflowed;
      next.lost += turn.overflowed;
      const Gap gap{first, next.last_sequence, GapReason::kSpoolWriteFailed, turn.now};
      if (auto recorded = record_gap(gap); !recorded) return recorded;
    }
    for (const EncodedResult& result : turn.results) {
      if (auto inserted = insert(result, next); !inserted) return inserted;
    }
    if (auto tended = dictionaries_.tend(); !tended) return tended;
    if (auto kept = give_up_too_old(*next.age_at, turn.now, next); !kept) return kept;
    if (auto kept = give_up_too_many(turn.now, next); !kept) return kept;
    if (auto found = find_oldest(next); !found) return found;
    return save_.run(next.boot, next.last_sequence, next.sent, next.lost, next.age_at);
  });
  if (!done) {
    dictionaries_.rolled_back();
    return done;
  }
  dictionaries_.committed();
  before_first_ = std::max(before_first_, std::min(turn.acknowledged, next.last_sequence));
  state_ = next;
  return {};
}

Expected<> SpoolFile::acknowledge(std::uint64_t sequence, State& next) {
  if (sequence <= before_first_) return {};
  if (auto done = delete_results_.run(before_first_ + 1, sequence); !done) return done;
  next.results -= static_cast<std::uint64_t>(database_.changes());
  return delete_gaps_.run(sequence);
}

Expected<> SpoolFile::insert(const EncodedResult& result, State& next) {
  const std::string packed = dictionaries_.pack(result.bytes);
  ++next.last_sequence;
  ++next.results;
  if (result.slot) {
    auto told = tell_slot_.run(result.slot->check, result.slot->scheduled_at);
    if (!told) return told;
  }
  return insert_.run(next.last_sequence, result.measured_at, result.bytes.size(),
                     dictionaries_.current(), packed);
}

Expected<> SpoolFile::give_up_too_old(WallTime age_now, WallTime now, State& next) {
  const auto step = std::chrono::duration_cast<Micros>(bounds_.max_age) / kAgeSteps;
  if (age_checked_at_ && age_now >= *age_checked_at_ && age_now - *age_checked_at_ < step) {
    return {};
  }
  age_checked_at_ = age_now;
  while (true) {
    const Expected<Run> run = oldest(kStep, age_now - bounds_.max_age);
    if (!run) return std::unexpected(run.error());
    if (run->count == 0) return {};
    if (auto done = give_up(*run, GapReason::kSpoolTooOld, now, next); !done) return done;
  }
}

Expected<> SpoolFile::give_up_too_many(WallTime now, State& next) {
  // The rest is for the log, and for what a transaction adds before this takes it away again.
  const std::uint64_t rest = std::max(bounds_.max_bytes / 8, kLeastRest);
  const std::uint64_t limit = (bounds_.max_bytes - rest) / kPageBytes;
  const std::uint64_t enough = limit - limit / 64;
  Expected<std::uint64_t> used = used_pages();
  if (!used) return std::unexpected(used.error());
  if (*used <= limit) return {};
  while (*used > enough) {
    const Expected<Run> run = oldest(kStep, WallTime::max());
    if (!run) return std::unexpected(run.error());
    if (run->count == 0) return {};
    if (auto done = give_up(*run, GapReason::kSpoolFull, now, next); !done) return done;
    used = used_pages();
    if (!used) return std::unexpected(used.error());
  }
  return {};
}

Expected<SpoolFile::Run> SpoolFile::oldest(std::uint64_t most, WallTime before) {
  Run run;
  auto rows = oldest_.query(most);
  if (!rows) return std::unexpected(std::move(rows.error()));
  while (true) {
    const auto row = rows->next();
    if (!row) return std::unexpected(row.error());
    if (!*row) return run;
    const auto sequence = rows->take<std::uint64_t>();
    const auto at = rows->take<WallTime>();
    const bool gap = rows->take<std::optional<int>>().has_value();
    if (gap || at >= before) return run;
    if (run.count++ == 0) run.first = sequence;
  }
}

Expected<> SpoolFile::give_up(const Run& run, GapReason reason, WallTime now, State& next) {
  const std::uint64_t last = run.first + run.count - 1;
  if (auto done = delete_results_.run(run.first, last); !done) return done;
  next.results -= run.count;
  next.lost += run.count;
  return record_gap({run.first, last, reason, now});
}

Expected<> SpoolFile::record_gap(const Gap& gap) {
  const int reason = static_cast<int>(gap.reason);
  std::uint64_t first = gap.first;
  {
    auto rows = take_gap_.query(gap.first - 1, reason);
    if (!rows) return std::unexpected(std::move(rows.error()));
    auto row = rows->next();
    if (row && *row) {
      first = rows->take<std::uint64_t>();
      row = rows->next();
    }
    if (!row) return std::unexpected(row.error());
  }
  return insert_gap_.run(gap.last, gap.recorded_at, first, reason);
}

Expected<> SpoolFile::renew(std::uint64_t sent) {
  // A collector may have acknowledged what this process never sent; it is gone from here as well.
  sent = std::max(sent, before_first_);
  State next = state_;
  next.boot = random_number();
  next.last_sequence -= std::min(sent, next.last_sequence);
  next.sent = 0;
  Expected<> done = in_transaction([&]() -> Expected<> {
    if (auto gone = acknowledge(sent, next); !gone) return gone;
    if (auto moved = renumber_.run(sent, sent); !moved) return moved;
    const Expected<std::int64_t> lost = database_.number(
        "SELECT ifnull(sum(sequence - first + 1), 0) FROM record WHERE reason IS NOT NULL");
    if (!lost) return std::unexpected(lost.error());
    next.lost = static_cast<std::uint64_t>(*lost);
    if (auto found = find_oldest(next); !found) return found;
    return save_.run(next.boot, next.last_sequence, next.sent, next.lost, next.age_at);
  });
  if (!done) return done;
  before_first_ = 0;
  state_ = next;
  return {};
}

Expected<std::uint64_t> SpoolFile::used_pages() {
  std::uint64_t pages = 0;
  for (auto* statement : {&page_count_, &free_pages_}) {
    auto rows = statement->query();
    if (!rows) return std::unexpected(std::move(rows.error()));
    if (const auto row = rows->next(); !row) return std::unexpected(row.error());
    const auto number = rows->take<std::uint64_t>();
    pages = statement == &page_count_ ? number : pages - number;
  }
  return pages;
}

}  // namespace firstbyte::agent
