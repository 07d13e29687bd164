#include "collector/store/sqlite_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>

namespace firstbyte::collector {
namespace {

// A few thousand results, when those are batches of agents that catch up: enough that the sync no
// longer counts, few enough that their pages fit into the cache and nobody waits long for an
// acknowledgement.
constexpr std::ptrdiff_t kMostInGroup = 128;
// Of what is kept, at a time: where there is little room, some of it fits.
constexpr std::size_t kRetryGroup = 16;

}  // namespace

SqliteWriter::SqliteWriter(Database& database, std::string file, StoreStats& stats, Options options)
    : database_(database),
      file_(std::move(file)),
      stats_(stats),
      options_(std::move(options)),
      queue_(options_.queue_capacity),
      thread_([this] { run(); }) {}

SqliteWriter::~SqliteWriter() {
  queue_.close();
  thread_.join();
}

std::optional<std::string> SqliteWriter::write_error() const {
  MutexLock lock(mutex_);
  return write_error_;
}

void SqliteWriter::set_write_error(std::optional<std::string> sentence) {
  MutexLock lock(mutex_);
  write_error_ = std::move(sentence);
}

Error SqliteWriter::overfull(std::string what) const {
  return transient(fmt::format("{} for {} already; try again later", what, file_)).error();
}

Error SqliteWriter::too_many() const {
  return overfull(fmt::format("{} writes wait", options_.queue_capacity));
}

void SqliteWriter::push(std::unique_ptr<Operation> operation) {
  if (operation->bytes() > 0 && waiting_bytes_ > options_.max_waiting_bytes && write_error()) {
    operation->fail(overfull(fmt::format("{} bytes of results wait", options_.max_waiting_bytes)));
    return;
  }
  if (queue_.push(std::move(operation))) return;
  // A refused push leaves the operation where it was.
  // NOLINTNEXTLINE(bugprone-use-after-move)
  operation->fail(too_many());
}

void SqliteWriter::run() {
  while (true) {
    Group waiting = queue_.pop_all();
    if (waiting.empty()) return;
    while (!waiting.empty()) {
      const auto end = waiting.begin() + std::min(std::ssize(waiting), kMostInGroup);
      Group group(std::move_iterator(waiting.begin()), std::move_iterator(end));
      waiting.erase(waiting.begin(), end);
      if (commit(group)) continue;
      keep(waiting);
      waiting.clear();
      if (!wait_for_disk()) return;
    }
  }
}

bool SqliteWriter::commit(Group& group) {
  const auto start = std::chrono::steady_clock::now();
  const auto stored = apply(group);
  if (!stored) {
    if (database_.in_transaction()) (void)database_.execute("ROLLBACK");
    const std::string sentence =
        fmt::format("cannot write to {}: {}", file_, stored.error().message);
    ++stats_.failed_commits;
    set_write_error(sentence);
    keep(group);
    return false;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  ++stats_.commits;
  stats_.operations += *stored;
  set_write_error(std::nullopt);
  if (options_.on_commit) options_.on_commit(took.count());
  for (auto& operation : group) operation->finish();
  return true;
}

void SqliteWriter::keep(Group& group) {
  // Once the disk takes some, whatever comes waits its turn behind what is still kept.
  const std::optional<std::string> trouble = write_error();
  for (auto& operation : group) {
    if (trouble && !operation->outlasts(transient(*trouble).error())) continue;
    if (kept_.size() < options_.queue_capacity) {
      kept_.push_back(std::move(operation));
    } else {
      operation->fail(too_many());
    }
  }
}

bool SqliteWriter::wait_for_disk() {
  auto pause = options_.first_retry;
  auto next = std::chrono::steady_clock::now() + pause;
  while (true) {
    if (std::optional<Group> group = queue_.pop_all(next)) {
      if (group->empty()) return finish_kept();
      keep(*group);
      continue;
    }
    if (!retry()) {
      pause = std::min(2 * pause, options_.longest_retry);
      next = std::chrono::steady_clock::now() + pause;
    } else if (kept_.empty()) {
      return true;
    }
  }
}

bool SqliteWriter::finish_kept() {
  while (retry() && !kept_.empty()) {
  }
  const Error why = transient(write_error().value_or("")).error();
  for (auto& operation : kept_) operation->fail(why);
  return false;
}

bool SqliteWriter::retry() {
  Group rest = std::exchange(kept_, {});
  Group group;
  while (!rest.empty() && group.size() < kRetryGroup) {
    group.push_back(std::move(rest.front()));
    rest.pop_front();
  }
  const bool taken = commit(group);
  keep(rest);
  return taken;
}

Expected<std::uint64_t> SqliteWriter::apply(Group& group) {
  if (auto begun = begin_.run(); !begun) return std::unexpected(std::move(begun.error()));
  if (group.empty()) {
    if (auto touched = touch(); !touched) return std::unexpected(std::move(touched.error()));
  }
  std::uint64_t count = 0;
  for (auto& operation : group) {
    const auto kept = apply(*operation);
    if (!kept) return std::unexpected(kept.error());
    if (*kept) ++count;
  }
  if (auto committed = commit_.run(); !committed) {
    return std::unexpected(std::move(committed.error()));
  }
  return count;
}

Expected<> SqliteWriter::touch() {
  const auto version = database_.number("PRAGMA user_version");
  if (!version) return std::unexpected(version.error());
  return database_.execute(fmt::format("PRAGMA user_version = {}", *version));
}

Expected<bool> SqliteWriter::apply(Operation& operation) {
  if (auto marked = savepoint_.run(); !marked) return std::unexpected(std::move(marked.error()));
  const auto outcome = operation.run();
  if (!outcome) {
    // Only a refusal is the operation's own; and what ended the transaction took the others with
    // it.
    const bool refused = outcome.error().kind == Error::Kind::kInvalid;
    if (!refused || !database_.in_transaction()) return std::unexpected(outcome.error());
    if (auto undone = undo_.run(); !undone) return std::unexpected(std::move(undone.error()));
  }
  if (auto released = release_.run(); !released) {
    return std::unexpected(std::move(released.error()));
  }
  return outcome.has_value();
}

}  // namespace firstbyte::collector
