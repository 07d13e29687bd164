// The dictionaries that the results of a spool are packed against. Each is made of the results
// before it and lives as long as a result that needs it. One thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/sqlite.h"

namespace firstbyte::agent {

class Dictionaries {
 public:
  static constexpr const char* kSchema =
      "CREATE TABLE dictionary (id INTEGER PRIMARY KEY, bytes TEXT NOT NULL);";

  explicit Dictionaries(Database& database) : database_(database) {}

  // Goes on with the last one there is.
  Expected<> load();
  // The one that pack() uses; 0: none yet.
  std::int64_t current() const { return current_; }
  std::string pack(std::string_view raw);
  Expected<std::string> unpack(std::string_view packed, std::size_t size, std::int64_t id);

  // Within a transaction: writes a new one if it is time to, and drops those that nothing needs.
  Expected<> tend();
  // What became of that transaction.
  void committed();
  void rolled_back() { next_.clear(); }

 private:
  Expected<> read(std::int64_t id);

  Database& database_;
  std::int64_t current_ = 0;
  std::string bytes_;
  std::string next_;    // written, and current once that is committed
  std::string recent_;  // what the next one will be made of
  std::uint64_t packed_ = 0;
  // The last one that was needed to read.
  std::int64_t read_ = 0;
  std::string read_bytes_;

  Statement insert_{database_, "INSERT INTO dictionary (id, bytes) VALUES (?, ?)"};
  Statement select_{database_, "SELECT bytes FROM dictionary WHERE id = ?"};
  // Results refer to them in rising order, so those before the oldest result's are not needed.
  Statement drop_{database_,
                  "DELETE FROM dictionary WHERE id < (SELECT max(id) FROM dictionary) AND "
                  "id < ifnull((SELECT dictionary FROM record WHERE reason IS NULL "
                  "ORDER BY sequence LIMIT 1), id + 1)"};
};

}  // namespace firstbyte::agent
