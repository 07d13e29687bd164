#include "common/sqlite.h"

#include <fmt/format.h>
#include <sqlite3.h>

namespace firstbyte {
namespace {

// Whether SQLite objects to the statement rather than failing at carrying it out.
bool is_refusal(int code) {
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
    case SQLITE_ERROR:
    case SQLITE_MISMATCH:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
    case SQLITE_TOOBIG:
      return true;
    default:
      return false;
  }
}

// Whether the file does not hold what a database must.
bool is_damage(int code) {
  return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
}

std::string as_uri(const std::filesystem::path& file) {
  std::string uri = "file:";
  for (const char c : file.string()) {
    if (c == '%' || c == '?' || c == '#') {
      uri += fmt::format("%{:02x}", c);
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

}  // namespace

void Database::Close::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }

Expected<Database> Database::open(const std::filesystem::path& file, Access access) {
  int flags = 0;
  switch (access) {
    case Access::kFrozen:
      flags |= SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
      break;
    case Access::kReadOnly:
      flags |= SQLITE_OPEN_READONLY;
      break;
    case Access::kReadWrite:
      flags |= SQLITE_OPEN_READWRITE;
      break;
    case Access::kCreate:
      flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
      break;
  }
  // An absolute path, so that none of its spellings (":memory:", "file:") means something else.
  const auto path = std::filesystem::absolute(file);
  return open_named(access == Access::kFrozen ? as_uri(path) : path.string(), flags);
}

Expected<Database> Database::in_memory() {
  return open_named(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
}

Expected<Database> Database::open_named(const std::string& name, int flags) {
  flags |= SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &handle, flags, nullptr);
  Database database{std::unique_ptr<sqlite3, Close>(handle)};
  if (code != SQLITE_OK) return database.error(code);
  return database;
}

std::unexpected<Error> Database::error(int code) const {
  const bool own = handle_ != nullptr && (sqlite3_errcode(handle_.get()) & 0xff) == (code & 0xff);
  std::string message = own ? sqlite3_errmsg(handle_.get()) : sqlite3_errstr(code);
  if (is_refusal(code)) return invalid({}, std::move(message));
  if (is_damage(code)) return fatal(std::move(message));
  return transient(std::move(message));
}

Expected<> Database::execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return error(code);
  return {};
}

Expected<std::int64_t> Database::number(const char* sql) {
  Statement statement(*this, sql);
  auto rows = statement.query();
  if (!rows) return std::unexpected(std::move(rows.error()));
  auto row = rows->next();
  if (!row) return std::unexpected(std::move(row.error()));
  return *row ? rows->take<std::int64_t>() : 0;
}

bool Database::in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }

std::int64_t Database::changes() const { return sqlite3_changes64(handle_.get()); }

std::int64_t Database::last_insert_id() const { return sqlite3_last_insert_rowid(handle_.get()); }

void Database::set_busy_timeout(std::chrono::milliseconds timeout) {
  sqlite3_busy_timeout(handle_.get(), static_cast<int>(timeout.count()));
}

void Database::set_checkpoint_on_close(bool enabled) {
  sqlite3_db_config(handle_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, enabled ? 0 : 1, nullptr);
}

Rows::~Rows() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Expected<bool> Rows::next() {
  column_ = 0;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return database_.error(code);
}

bool Rows::null() const { return sqlite3_column_type(statement_, column_) == SQLITE_NULL; }

std::int64_t Rows::integer(int column) const { return sqlite3_column_int64(statement_, column); }

double Rows::real(int column) const { return sqlite3_column_double(statement_, column); }

std::string Rows::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (bytes == nullptr) return {};
  return std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
}

void Statement::Finalize::operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }

Expected<> Statement::prepare(std::size_t parameters) {
  if (handle_ == nullptr) {
    sqlite3_stmt* handle = nullptr;
    const int code = sqlite3_prepare_v3(database_.handle_.get(), sql_, -1,
                                        SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
    if (code != SQLITE_OK) return database_.error(code);
    handle_.reset(handle);
  }
  const int wanted = sqlite3_bind_parameter_count(handle_.get());
  if (std::cmp_not_equal(wanted, parameters)) {
    return invalid({}, fmt::format("{} values for {} parameters", parameters, wanted));
  }
  return {};
}

int Statement::bind_null(int index) { return sqlite3_bind_null(handle_.get(), index); }

int Statement::bind_integer(int index, std::int64_t value) {
  return sqlite3_bind_int64(handle_.get(), index, value);
}

int Statement::bind(int index, double value) {
  return sqlite3_bind_double(handle_.get(), index, value);
}

int Statement::bind(int index, std::string_view value) {
  // A null pointer would bind NULL, which an empty text is not.
  return sqlite3_bind_text64(
      handle_.get(), index, value.data() != nullptr ? value.data() : "", value.size(),
      texts_ == Texts::kBorrowed ? SQLITE_STATIC : SQLITE_TRANSIENT, SQLITE_UTF8);
}

}  // namespace firstbyte
