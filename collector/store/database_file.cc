#include "collector/store/database_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <string_view>
#include <system_error>

#include "common/folder_lock.h"

namespace firstbyte::collector {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> refuse(std::string message) {
  return fatal(std::move(message), "--data-dir");
}

fs::path beside(const fs::path& file, const char* suffix) {
  return fs::path(file.string() + suffix);
}

std::uintmax_t size_of(const fs::path& file) {
  std::error_code absent;
  const std::uintmax_t size = fs::file_size(file, absent);
  return absent ? 0 : size;
}

// Whether the file's own header names us, read past SQLite. After a checkpoint that was cut short,
// by a kill or by a full disk, only file and log together are whole, and the file alone looks
// damaged.
bool has_our_header(const fs::path& file) {
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  constexpr std::size_t kIdAt = 68;  // https://www.sqlite.org/fileformat.html, 1.3
  std::array<char, kIdAt + 4> header{};
  if (!std::ifstream(file, std::ios::binary).read(header.data(), header.size())) return false;
  std::int64_t id = 0;
  for (std::size_t at = kIdAt; at < header.size(); ++at) {
    id = id << 8 | static_cast<unsigned char>(header[at]);
  }
  return std::string_view(header.data(), kMagic.size()) == kMagic && id == kApplicationId;
}

enum class Content { kNone, kOurs };

// Looks at the file without taking part in it: an ordinary connection, even one for reading, would
// leave a log beside another program's database.
Expected<Content> inspect(const fs::path& file, std::span<const Migration> steps) {
  std::error_code failed;
  const fs::file_status status = fs::status(file, failed);
  if (!fs::exists(status)) return Content::kNone;
  if (!fs::is_regular_file(status)) return refuse(fmt::format("{} is not a file", file.string()));
  if (auto writable = check_writable(file); !writable) {
    return std::unexpected(std::move(writable.error()));
  }
  if (size_of(file) == 0) return Content::kNone;
  // Its version is that of the log, which migrate() will see.
  if (size_of(beside(file, "-wal")) > 0 && has_our_header(file)) return Content::kOurs;

  auto database = Database::open(file, Database::Access::kFrozen);
  if (!database) {
    return refuse(fmt::format("cannot open {}: {}", file.string(), database.error().message));
  }
  const auto entries = database->number("SELECT count(*) FROM sqlite_schema");
  const auto id = database->number("PRAGMA application_id");
  const auto version = database->number("PRAGMA user_version");
  if (!entries || !id || !version) {
    const Error& error = !entries ? entries.error() : !id ? id.error() : version.error();
    return refuse(
        fmt::format("{} is not a database of Firstbyte: {}", file.string(), error.message));
  }
  if (*id == 0 && *entries == 0 && *version == 0) return Content::kNone;
  if (*id != kApplicationId) {
    return refuse(fmt::format("{} is the database of another program", file.string()));
  }
  if (auto checked = check_version(*version, steps, file); !checked) {
    return std::unexpected(std::move(checked.error()));
  }
  return Content::kOurs;
}

// SQLite would play another database's log into the new one.
Expected<> check_no_stray_log(const fs::path& file) {
  for (const char* suffix : {"-wal", "-journal"}) {
    const fs::path log = beside(file, suffix);
    if (size_of(log) == 0) continue;
    return refuse(fmt::format("{} belongs to a database that is not there; restore {} or remove it",
                              log.string(), file.string()));
  }
  return {};
}

Expected<> fill(const fs::path& file, std::span<const Migration> steps) {
  // What is in it is not for everybody; the log takes its mode from the file.
  const int made = open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (made < 0) {
    const std::string why = std::generic_category().message(errno);
    return refuse(fmt::format("cannot make {}: {}", file.string(), why));
  }
  close(made);
  auto database = Database::open(file, Database::Access::kCreate);
  if (!database) {
    return refuse(fmt::format("cannot make {}: {}", file.string(), database.error().message));
  }
  const std::string header =
      fmt::format("PRAGMA page_size = 8192; PRAGMA application_id = {}", kApplicationId);
  if (auto set = database->execute(header); !set) {
    return refuse(fmt::format("cannot make {}: {}", file.string(), set.error().message));
  }
  return migrate(*database, steps, file);
}

// Under another name first: what has the real name is complete, and carries our id in its header.
Expected<> create(const fs::path& file, std::span<const Migration> steps) {
  if (auto checked = check_no_stray_log(file); !checked) return checked;
  const fs::path draft = beside(file, ".new");
  std::error_code failed;
  for (const char* suffix : {"", "-journal"}) fs::remove(beside(draft, suffix), failed);
  if (auto filled = fill(draft, steps); !filled) return filled;
  fs::rename(draft, file, failed);
  if (failed) return refuse(fmt::format("cannot make {}: {}", file.string(), failed.message()));
  const int folder = open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    fsync(folder);  // otherwise the new name may not survive a power cut
    close(folder);
  }
  return {};
}

// Of the collector's 50 MB, the writer may take 8 MB of pages, which is a full group, and readers 2
// MB (a negative number is in KiB). The log is cut back to 16 MB after a burst.
constexpr const char* kWriterPragmas =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
    "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192; PRAGMA journal_size_limit = 16777216";
constexpr const char* kReaderPragmas = "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -2048";

constexpr std::chrono::milliseconds kBusyTimeout{5000};

}  // namespace

Expected<Database> open_database(const fs::path& file, std::span<const Migration> steps) {
  const auto content = inspect(file, steps);
  if (!content) return std::unexpected(content.error());
  if (*content == Content::kNone) {
    if (auto created = create(file, steps); !created)
      return std::unexpected(std::move(created.error()));
  }

  auto database = Database::open(file, Database::Access::kReadWrite);
  if (!database) {
    return refuse(fmt::format("cannot open {}: {}", file.string(), database.error().message));
  }
  database->set_busy_timeout(kBusyTimeout);
  // The log may hold a newer version than the file's header does; then closing must not merge them.
  database->set_checkpoint_on_close(false);
  if (auto set = database->execute(kWriterPragmas); !set) {
    return refuse(fmt::format("cannot write to {}: {}", file.string(), set.error().message));
  }
  if (auto migrated = migrate(*database, steps, file); !migrated) {
    return std::unexpected(std::move(migrated.error()));
  }
  database->set_checkpoint_on_close(true);
  return database;
}

Expected<Database> open_for_reading(const fs::path& file) {
  auto database = Database::open(file, Database::Access::kReadOnly);
  if (!database) {
    return refuse(fmt::format("cannot read {}: {}", file.string(), database.error().message));
  }
  database->set_busy_timeout(kBusyTimeout);
  if (auto set = database->execute(kReaderPragmas); !set) {
    return refuse(fmt::format("cannot read {}: {}", file.string(), set.error().message));
  }
  return database;
}

}  // namespace firstbyte::collector
