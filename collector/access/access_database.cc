#include "collector/access/access_database.h"

#include <fmt/format.h>

#include "collector/store/database_file.h"

namespace firstbyte::collector {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFileName = "access.db";
// Transactions are of a few rows; who waits longer than this waits for a disk.
constexpr std::chrono::milliseconds kBusyTimeout{2000};
constexpr const char* kPragmas =
    "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -512;"
    "PRAGMA journal_size_limit = 1048576";

Expected<> check_is_current(Database& database, const fs::path& file) {
  const auto id = database.number("PRAGMA application_id");
  const auto version = database.number("PRAGMA user_version");
  if (!id || !version) {
    const Error& error = !id ? id.error() : version.error();
    return fatal(fmt::format("cannot read {}: {}", file.string(), error.message), "--data-dir");
  }
  if (*id != kApplicationId) {
    return fatal(fmt::format("{} is the database of another program", file.string()), "--data-dir");
  }
  if (auto checked = check_version(*version, access_migrations(), file); !checked) return checked;
  if (*version < access_migrations().back().version) {
    return fatal(
        fmt::format("{} has schema {}, older than this binary's {}; start the collector of "
                    "this version first",
                    file.string(), *version, access_migrations().back().version),
        "--data-dir");
  }
  return {};
}

}  // namespace

Expected<std::unique_ptr<AccessDatabase>> AccessDatabase::open(const fs::path& folder) {
  fs::path file = folder / kFileName;
  auto database = open_database(file, access_migrations());
  if (!database) return std::unexpected(std::move(database.error()));
  if (auto set = database->execute(kPragmas); !set) {
    return fatal(fmt::format("cannot write to {}: {}", file.string(), set.error().message),
                 "--data-dir");
  }
  database->set_busy_timeout(kBusyTimeout);
  return std::unique_ptr<AccessDatabase>(new AccessDatabase(*std::move(database), std::move(file)));
}

Expected<std::unique_ptr<AccessDatabase>> AccessDatabase::attach(const fs::path& folder) {
  fs::path file = folder / kFileName;
  std::error_code absent;
  if (!fs::exists(file, absent)) {
    return fatal(fmt::format("{} is not there; start firstbyte-collector with this folder once",
                             file.string()),
                 "--data-dir");
  }
  auto database = Database::open(file, Database::Access::kReadWrite);
  if (!database) {
    return fatal(fmt::format("cannot open {}: {}", file.string(), database.error().message),
                 "--data-dir");
  }
  database->set_busy_timeout(kBusyTimeout);
  if (auto checked = check_is_current(*database, file); !checked) {
    return std::unexpected(std::move(checked.error()));
  }
  if (auto set = database->execute(kPragmas); !set) {
    return fatal(fmt::format("cannot write to {}: {}", file.string(), set.error().message),
                 "--data-dir");
  }
  return std::unique_ptr<AccessDatabase>(new AccessDatabase(*std::move(database), std::move(file)));
}

bool AccessDatabase::changed() {
  MutexLock lock(mutex_);
  const auto version = database_.number("PRAGMA data_version");
  // A file that cannot be read may have changed: whoever asks will find out with its next question.
  if (!version) return true;
  return std::exchange(data_version_, *version) != *version;
}

Expected<std::optional<std::string>> AccessDatabase::setting(std::string_view name) {
  return read([&](Database& database) -> Expected<std::optional<std::string>> {
    Statement find(database, "SELECT value FROM setting WHERE name = ?");
    auto rows = find.query(name);
    if (!rows) return failed(rows.error());
    const auto row = rows->next();
    if (!row) return failed(row.error());
    if (!*row) return std::nullopt;
    return rows->take<std::string>();
  });
}

Expected<> AccessDatabase::set_setting(std::string_view name, std::string_view value) {
  return write([&](Database& database) -> Expected<> {
    Statement set(database, "INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)");
    return set.run(name, value);
  });
}

void AccessDatabase::roll_back() {
  if (database_.in_transaction()) (void)database_.execute("ROLLBACK");
}

std::unexpected<Error> AccessDatabase::failed(const Error& error) const {
  return std::unexpected(
      Error{error.kind, fmt::format("{}: {}", file_.string(), error.message), "--data-dir"});
}

}  // namespace firstbyte::collector
