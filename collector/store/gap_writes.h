// Keeps account of what is missing: of each boot of an agent every sequence number up to the cursor
// is one result or in one gap. On the writer's connection and inside its transaction
// (sqlite_writer.h). Not thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "collector/store/store.h"
#include "common/sqlite.h"

namespace firstbyte::collector {

class GapWrites {
 public:
  // `database` outlives this.
  explicit GapWrites(Database& database) : database_(database) {}

  // That numbers start at 1, rise, and stand for one thing each; the Error is kInvalid.
  static Expected<> check(const ResultBatch& batch);

  // Of the results up to the cursor those that were given up for lost; each is out of its gap then.
  Expected<std::vector<const SequencedMeasurement*>> recover(
      const ResultBatch& batch, std::span<const SequencedMeasurement> results);

  struct Account {
    std::uint64_t cursor = 0;
    std::uint64_t gaps = 0;  // made beyond the cursor
    std::uint64_t lost = 0;  // results in them
  };
  // Moves the cursor to the end of the batch, and makes gaps of what is missing on the way.
  Expected<Account> advance(const ResultBatch& batch, std::uint64_t cursor);

 private:
  struct Row {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::string reason;
    std::optional<WallTime> recorded_at;
    WallTime received_at{};
  };

  // Results of this range that came before their turn.
  Expected<std::vector<std::uint64_t>> stored_within(const ResultBatch& batch, std::uint64_t first,
                                                     std::uint64_t last);
  // The gaps that share numbers with this range.
  Expected<std::vector<Row>> overlapping(const ResultBatch& batch, std::uint64_t first,
                                         std::uint64_t last);
  Expected<> insert(const ResultBatch& batch, const Row& row);
  // Leaves of a gap what lies outside of a range.
  Expected<> cut(const ResultBatch& batch, const Row& row, std::uint64_t first, std::uint64_t last);
  // The agent says after all why it has not what it went past without a word.
  Expected<> explain(const ResultBatch& batch, const Gap& gap, std::uint64_t last);

  Database& database_;

  Statement find_{database_, R"(
      SELECT first_sequence, last_sequence, reason, recorded_at_us, received_at_us FROM gap
      WHERE agent_id = ? AND boot = ? AND first_sequence <= ? AND last_sequence >= ?
      ORDER BY first_sequence)"};
  Statement stored_{database_, R"(
      SELECT sequence FROM result
      WHERE agent_id = ? AND boot = ? AND sequence BETWEEN ? AND ? ORDER BY sequence)"};
  Statement insert_{database_, R"(
      INSERT INTO gap (agent_id, boot, first_sequence, last_sequence, reason, recorded_at_us,
        received_at_us)
      VALUES (?, ?, ?, ?, ?, ?, ?))"};
  Statement remove_{database_, R"(
      DELETE FROM gap WHERE agent_id = ? AND boot = ? AND first_sequence = ?)"};
};

}  // namespace firstbyte::collector
