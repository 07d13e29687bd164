#include "agent/spool/spool_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <system_error>
#include <utility>

#include "common/check.h"
#include "common/random_number.h"

namespace firstbyte::agent {
namespace {

constexpr std::int64_t kApplicationId = 0x46425350;  // "FBSP"
constexpr std::int64_t kVersion = 2;

constexpr const char* kTables =
    "CREATE TABLE spool (boot INTEGER NOT NULL, last_sequence INTEGER NOT NULL,"
    " sent INTEGER NOT NULL, lost INTEGER NOT NULL, set_aside_at INTEGER, age_at INTEGER);"
    // Of a gap: its last sequence, when it was recorded, its first sequence, why. Of a result: when
    // it was measured, how long it is unpacked, and against which dictionary it is packed.
    "CREATE TABLE record (sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL, first INTEGER,"
    " reason INTEGER, size INTEGER, dictionary INTEGER, bytes TEXT);";

// Version 1 did not know how far ages had been judged.
constexpr const char* kFromVersion1 =
    "BEGIN; ALTER TABLE spool ADD COLUMN age_at INTEGER; PRAGMA user_version=2; COMMIT;";

// Of each check the last slot that a result told of, written with that result: after a crash the
// slots since then have none. Apart from the other tables, as spools of earlier agents lack it.
constexpr const char* kSlotTable =
    "CREATE TABLE IF NOT EXISTS check_slot (check_id INTEGER PRIMARY KEY, at INTEGER NOT NULL);";
// Checks come and go.
constexpr int kMostSlots = 2 * kMaxChecks;

constexpr const char* kCountResults = "SELECT count(*) FROM record WHERE reason IS NULL";

// An agent's memory is worth more than these few reads; what is deleted here is no secret.
constexpr const char* kSettings =
    "PRAGMA synchronous=FULL; PRAGMA cache_size=-128; PRAGMA secure_delete=OFF;"
    "PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=1048576;";

std::uint64_t size_of(const std::filesystem::path& file) {
  std::error_code missing;
  const std::uintmax_t size = std::filesystem::file_size(file, missing);
  return missing ? 0 : size;
}

std::filesystem::path log_of(const std::filesystem::path& file) { return file.string() + "-wal"; }

Expected<> make_tables(Database& database, const std::optional<SpoolFile::Heir>& heir,
                       std::uint64_t boot) {
  const std::uint64_t lost = heir ? heir->lost : 0;
  auto done = database.execute(fmt::format(
      "PRAGMA page_size={}; BEGIN; PRAGMA application_id={}; PRAGMA user_version={}; {}{}{}",
      SpoolFile::kPageBytes, kApplicationId, kVersion, kTables, kSlotTable, Dictionaries::kSchema));
  if (!done) return done;
  std::optional<WallTime> at;
  if (heir) at = heir->set_aside_at;
  done = Statement(database, "INSERT INTO spool VALUES (?, ?, 0, ?, ?, NULL)")
             .run(boot, lost, lost, at);
  if (!done) return done;
  if (lost > 0) {
    done =
        Statement(database, "INSERT INTO record (sequence, at, first, reason) VALUES (?, ?, 1, ?)")
            .run(lost, *at, static_cast<int>(GapReason::kSpoolUnreadable));
    if (!done) return done;
  }
  return database.execute("COMMIT");
}

}  // namespace

Expected<> SpoolFile::create(const std::filesystem::path& file, std::optional<Heir> heir) {
  const std::filesystem::path unfinished = file.string() + ".new";
  std::error_code error;
  std::filesystem::remove(unfinished, error);
  std::filesystem::remove(unfinished.string() + "-journal", error);
  {
    Expected<Database> database = Database::open(unfinished, Database::Access::kCreate);
    if (!database) return std::unexpected(std::move(database.error()));
    if (auto made = make_tables(*database, heir, random_number()); !made) return made;
    if (auto logged = database->execute("PRAGMA journal_mode=WAL"); !logged) return logged;
  }
  std::filesystem::rename(unfinished, file, error);
  if (error) return transient(error.message());
  return {};
}

Expected<std::unique_ptr<SpoolFile>> SpoolFile::open(std::filesystem::path file, Bounds bounds) {
  if (!std::filesystem::is_regular_file(file)) return fatal("it is not a file");
  if (size_of(file) == 0) return fatal("it is empty");
  Expected<Database> database = Database::open(file, Database::Access::kReadWrite);
  if (!database) return std::unexpected(std::move(database.error()));
  // What turns out not to be a spool of this version stays as it is.
  database->set_checkpoint_on_close(false);
  std::unique_ptr<SpoolFile> spool(new SpoolFile(*std::move(database), std::move(file), bounds));
  if (auto loaded = spool->load(); !loaded) return std::unexpected(std::move(loaded.error()));
  spool->database_.set_checkpoint_on_close(true);
  return spool;
}

Expected<std::unique_ptr<SpoolFile>> SpoolFile::in_memory(Bounds bounds) {
  Expected<Database> database = Database::in_memory();
  if (!database) return std::unexpected(std::move(database.error()));
  if (auto made = make_tables(*database, {}, random_number()); !made) {
    return std::unexpected(std::move(made.error()));
  }
  std::unique_ptr<SpoolFile> spool(new SpoolFile(*std::move(database), {}, bounds));
  if (auto loaded = spool->load(); !loaded) return std::unexpected(std::move(loaded.error()));
  return spool;
}

std::uint64_t SpoolFile::count_lost(const std::filesystem::path& file) {
  if (!std::filesystem::is_regular_file(file)) return 0;
  Expected<Database> database = Database::open(file, Database::Access::kReadWrite);
  if (!database) return 0;
  database->set_checkpoint_on_close(false);
  if (!database->execute("PRAGMA locking_mode=EXCLUSIVE")) return 0;
  if (database->number("PRAGMA application_id").value_or(0) != kApplicationId) return 0;
  // One by one: those before what is broken can be counted.
  std::uint64_t count = 0;
  Statement each(*database,
                 "SELECT CASE WHEN reason IS NULL THEN 1 ELSE sequence - first + 1 END "
                 "FROM record ORDER BY sequence");
  auto rows = each.query();
  while (rows && rows->next().value_or(false)) {
    count += static_cast<std::uint64_t>(std::max<std::int64_t>(rows->take<std::int64_t>(), 0));
  }
  return count;
}

SpoolFile::SpoolFile(Database database, std::filesystem::path file, Bounds bounds)
    : database_(std::move(database)), file_(std::move(file)), bounds_(bounds) {}

Expected<> SpoolFile::load() {
  // Nobody else may look into it, so it needs no memory shared with others.
  Expected<> done = database_.execute("PRAGMA locking_mode=EXCLUSIVE");
  if (!done) return done;
  const Expected<std::int64_t> owner = database_.number("PRAGMA application_id");
  if (!owner) return std::unexpected(owner.error());
  if (*owner != kApplicationId) return fatal("it belongs to another program");
  const Expected<std::int64_t> version = database_.number("PRAGMA user_version");
  if (!version) return std::unexpected(version.error());
  if (*version < 1 || *version > kVersion) {
    return fatal(fmt::format("it is of version {}, this agent reads 1 to {}", *version, kVersion));
  }
  // SQLite takes the missing part of a page for zeros. With a log the page may still be written.
  if (size_of(file_) % kPageBytes != 0 && size_of(log_of(file_)) == 0) {
    return fatal("it was cut short");
  }
  if (done = check(); !done) {
    // What SQLite refuses here is a table that is not there.
    if (done.error().kind == Error::Kind::kInvalid) done.error().kind = Error::Kind::kFatal;
    return done;
  }
  if (done = database_.execute(kSettings); !done) return done;
  if (done = find_age(*version); !done) return done;
  const std::uint64_t log_pages = bounds_.max_bytes / 64 / kPageBytes;
  done = database_.execute(
      fmt::format("PRAGMA wal_autocheckpoint={}", std::clamp<std::uint64_t>(log_pages, 16, 256)));
  if (!done) return done;
  return database_.execute(
      fmt::format("{}DELETE FROM check_slot WHERE check_id NOT IN"
                  " (SELECT check_id FROM check_slot ORDER BY at DESC LIMIT {})",
                  kSlotTable, kMostSlots));
}

Expected<> SpoolFile::check() {
  {
    Statement statement(database_, "PRAGMA quick_check(1)");
    auto rows = statement.query();
    if (!rows) return std::unexpected(std::move(rows.error()));
    if (const auto row = rows->next(); !row) return std::unexpected(row.error());
    auto verdict = rows->take<std::string>();
    std::ranges::replace(verdict, '\n', ' ');
    if (verdict != "ok") return fatal(std::move(verdict));
  }
  {
    Statement statement(database_,
                        "SELECT boot, last_sequence, sent, lost, set_aside_at FROM spool");
    auto rows = statement.query();
    if (!rows) return std::unexpected(std::move(rows.error()));
    const auto row = rows->next();
    if (!row) return std::unexpected(row.error());
    if (!*row) return fatal("it has lost its name");
    state_.boot = rows->take<std::uint64_t>();
    state_.last_sequence = rows->take<std::uint64_t>();
    state_.sent = rows->take<std::uint64_t>();
    state_.lost = rows->take<std::uint64_t>();
    state_.set_aside_at = rows->take<std::optional<WallTime>>();
  }
  const Expected<std::int64_t> last =
      database_.number("SELECT ifnull(max(sequence), 0) FROM record");
  if (!last) return std::unexpected(last.error());
  if (state_.boot == 0 || std::cmp_greater(*last, state_.last_sequence)) {
    return fatal("it holds results that it never numbered");
  }
  const Expected<std::int64_t> results = database_.number(kCountResults);
  if (!results) return std::unexpected(results.error());
  state_.results = static_cast<std::uint64_t>(*results);
  const Expected<std::int64_t> first = database_.number(
      "SELECT ifnull((SELECT ifnull(first, sequence) FROM record ORDER BY sequence LIMIT 1), 0)");
  if (!first) return std::unexpected(first.error());
  before_first_ = *first > 0 ? static_cast<std::uint64_t>(*first) - 1 : state_.last_sequence;
  if (auto found = find_oldest(state_); !found) return found;
  return dictionaries_.load();
}

Expected<> SpoolFile::find_oldest(State& next) {
  next.oldest_measured_at.reset();
  auto rows = oldest_.query(1);
  if (!rows) return std::unexpected(std::move(rows.error()));
  const auto row = rows->next();
  if (!row) return std::unexpected(row.error());
  if (!*row) return {};
  rows->take<std::uint64_t>();
  next.oldest_measured_at = rows->take<WallTime>();
  return {};
}

Expected<> SpoolFile::find_age(std::int64_t version) {
  if (version < kVersion) {
    state_.age_at = state_.oldest_measured_at;
    return database_.execute(kFromVersion1);
  }
  Statement statement(database_, "SELECT age_at FROM spool");
  auto rows = statement.query();
  if (!rows) return std::unexpected(std::move(rows.error()));
  if (const auto row = rows->next(); !row) return std::unexpected(row.error());
  state_.age_at = rows->take<std::optional<WallTime>>();
  return {};
}

Expected<std::vector<SpooledRecord>> SpoolFile::after(std::uint64_t sequence, std::size_t most,
                                                      std::size_t most_bytes) {
  std::vector<SpooledRecord> records;
  std::size_t bytes = 0;
  auto rows = after_.query(sequence, most);
  if (!rows) return std::unexpected(std::move(rows.error()));
  while (true) {
    const auto row = rows->next();
    if (!row) return std::unexpected(row.error());
    if (!*row) return records;
    const auto number = rows->take<std::uint64_t>();
    const auto at = rows->take<WallTime>();
    const auto first = rows->take<std::optional<std::uint64_t>>();
    const auto reason = rows->take<std::optional<int>>();
    if (reason) {
      if (*reason > static_cast<int>(GapReason::kSpoolUnreadable))
        return fatal("a gap without cause");
      records.push_back({number, Gap{std::max(first.value_or(0), sequence + 1), number,
                                     static_cast<GapReason>(*reason), at}});
      continue;
    }
    const auto size = rows->take<std::size_t>();
    const auto dictionary = rows->take<std::int64_t>();
    // An impossible size is the file's fault, and no reason to ask for that much memory.
    if (size > 2 * kMaxResultBytes) return fatal("a result of an impossible size");
    bytes += size;
    if (!records.empty() && bytes > most_bytes) return records;
    auto raw = dictionaries_.unpack(rows->take<std::string>(), size, dictionary);
    if (!raw) return std::unexpected(std::move(raw.error()));
    records.push_back({number, *std::move(raw)});
  }
}

Expected<std::map<std::uint64_t, WallTime>> SpoolFile::told_slots() {
  std::map<std::uint64_t, WallTime> slots;
  Statement statement(database_, "SELECT check_id, at FROM check_slot");
  auto rows = statement.query();
  if (!rows) return std::unexpected(std::move(rows.error()));
  while (true) {
    const auto row = rows->next();
    if (!row) return std::unexpected(row.error());
    if (!*row) return slots;
    const auto check = rows->take<std::uint64_t>();
    slots[check] = rows->take<WallTime>();
  }
}

std::uint64_t SpoolFile::bytes() {
  if (!file_.empty()) return size_of(file_) + size_of(log_of(file_));
  return used_pages().value_or(0) * kPageBytes;
}

}  // namespace firstbyte::agent
