// SQLite's C API with owners and Expected in the place of handles and codes. An Error of kind
// kInvalid means that SQLite refuses what was asked (a constraint, a wrong statement); kFatal that
// the file is broken or no database; kTransient that the file, the disk or a lock stood in the way.
// Messages are SQLite's own. A Database and its
// Statements belong to one thread at a time; a Database outlives and stays where its Statements can
// find it.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "common/clock.h"
#include "common/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace firstbyte {

template <typename T>
inline constexpr bool kIsOptional = false;
template <typename T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

class Database {
 public:
  enum class Access {
    kFrozen,  // reads the file alone: no lock, no log beside it, nothing created
    kReadOnly,
    kReadWrite,
    kCreate,  // as kReadWrite, making the file if there is none
  };

  static Expected<Database> open(const std::filesystem::path& file, Access access);
  // Of its own, and gone with it.
  static Expected<Database> in_memory();

  // Runs statements that have no parameters; rows they give are ignored.
  Expected<> execute(const std::string& sql);
  // The first column of the first row.
  Expected<std::int64_t> number(const char* sql);

  // False when there is no transaction: SQLite ends one by itself when it cannot write.
  bool in_transaction() const;
  // Rows the last INSERT, UPDATE or DELETE touched.
  std::int64_t changes() const;
  std::int64_t last_insert_id() const;
  // How long a statement waits for a lock that another connection holds.
  void set_busy_timeout(std::chrono::milliseconds timeout);
  // Whether closing the last connection moves the write-ahead log into the file (SQLite's default).
  void set_checkpoint_on_close(bool enabled);

 private:
  friend class Statement;
  friend class Rows;
  struct Close {
    void operator()(sqlite3* handle) const;
  };

  static Expected<Database> open_named(const std::string& name, int flags);
  explicit Database(std::unique_ptr<sqlite3, Close> handle) : handle_(std::move(handle)) {}
  std::unexpected<Error> error(int code) const;

  std::unique_ptr<sqlite3, Close> handle_;
};

// The rows of a query under way; its statement is free again once this is gone.
class Rows {
 public:
  ~Rows();
  Rows(Rows&& other) noexcept
      : database_(other.database_), statement_(std::exchange(other.statement_, nullptr)) {}
  Rows& operator=(Rows&&) = delete;

  // Steps to the next row, the first time to the first; false when there is none.
  Expected<bool> next();

  // The next column of this row, from left to right. Micros and WallTime are stored as
  // microseconds; an std::optional is empty for NULL.
  template <typename T>
  T take() {
    if constexpr (kIsOptional<T>) {
      if (null()) {
        ++column_;
        return std::nullopt;
      }
      return take<typename T::value_type>();
    } else if constexpr (std::integral<T>) {
      return static_cast<T>(integer(column_++));
    } else if constexpr (std::floating_point<T>) {
      return real(column_++);
    } else if constexpr (std::same_as<T, Micros>) {
      return Micros(integer(column_++));
    } else if constexpr (std::same_as<T, WallTime>) {
      return WallTime(Micros(integer(column_++)));
    } else {
      static_assert(std::same_as<T, std::string>);
      return text(column_++);
    }
  }

 private:
  friend class Statement;
  Rows(Database& database, sqlite3_stmt* statement) : database_(database), statement_(statement) {}

  bool null() const;
  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string text(int column) const;

  Database& database_;
  sqlite3_stmt* statement_;
  int column_ = 0;
};

// One SQL statement, prepared at its first use and then kept. `sql` is a literal.
class Statement {
 public:
  Statement(Database& database, const char* sql) : database_(database), sql_(sql) {}

  // Binds one value per parameter, in order, and runs to the end. Texts are not copied for that.
  template <typename... Values>
  Expected<> run(const Values&... values) {
    auto rows = start(Texts::kBorrowed, values...);
    if (!rows) return std::unexpected(std::move(rows.error()));
    auto row = rows->next();
    if (!row) return std::unexpected(std::move(row.error()));
    return {};
  }

  // Binds one value per parameter, in order. The rows must be gone before the next use.
  template <typename... Values>
  Expected<Rows> query(const Values&... values) {
    return start(Texts::kCopied, values...);
  }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* handle) const;
  };
  // Whether those that are bound stay where they are until the rows are gone.
  enum class Texts : std::uint8_t { kCopied, kBorrowed };

  template <typename... Values>
  Expected<Rows> start(Texts texts, const Values&... values) {
    if (auto prepared = prepare(sizeof...(values)); !prepared) {
      return std::unexpected(std::move(prepared.error()));
    }
    Rows rows(database_, handle_.get());  // takes back what is bound, whatever happens
    texts_ = texts;
    int code = 0;
    int index = 0;
    ((code = code != 0 ? code : bind(++index, values)), ...);
    if (code != 0) return database_.error(code);
    return rows;
  }

  Expected<> prepare(std::size_t parameters);
  int bind_null(int index);
  int bind_integer(int index, std::int64_t value);
  int bind(int index, double value);
  int bind(int index, std::string_view value);
  int bind(int index, Micros value) { return bind_integer(index, value.count()); }
  int bind(int index, WallTime value) { return bind(index, value.time_since_epoch()); }
  int bind(int index, std::integral auto value) {
    return bind_integer(index, static_cast<std::int64_t>(value));
  }
  template <typename T>
  int bind(int index, const std::optional<T>& value) {
    return value ? bind(index, *value) : bind_null(index);
  }

  Database& database_;
  const char* sql_;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
  Texts texts_ = Texts::kCopied;
};

}  // namespace firstbyte
