// Keeps account of checks: who was asked to probe what, and how many slots have come. On the
// writer's connection and inside its transaction (sqlite_writer.h). Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "collector/store/store.h"
#include "common/check.h"
#include "common/sqlite.h"

namespace firstbyte::collector {

class CheckWrites {
 public:
  // `database` outlives this.
  explicit CheckWrites(Database& database) : database_(database) {}

  // From now on the agent has these checks, and no others.
  Expected<> assign(const std::string& agent_id, const std::vector<Check>& checks, WallTime at);

  struct Assigned {
    std::int64_t id = 0;
    Micros interval{};
  };
  // Absent when the agent was never asked for it, and for a measurement of no check.
  Expected<std::optional<Assigned>> find(const std::string& agent_id,
                                         const Measurement& measurement);
  // A result of it was stored.
  Expected<> count(const Assigned& assigned, const ReceivedMeasurement& received,
                   std::int64_t result_id);

 private:
  Database& database_;

  Statement insert_version_{database_, R"(
      INSERT INTO check_version (id, name, target, interval_us) VALUES (?, ?, ?, ?)
      ON CONFLICT DO NOTHING)"};
  // One that is assigned again begins anew.
  Statement assign_{database_, R"(
      INSERT INTO assignment (check_id, agent_id, offset_us, since_us) VALUES (?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET offset_us = excluded.offset_us, since_us = excluded.since_us,
        until_us = NULL, stored = 0, late = 0, skipped = 0
      WHERE until_us IS NOT NULL OR offset_us <> excluded.offset_us)"};
  Statement open_{database_, R"(
      SELECT check_id FROM assignment WHERE agent_id = ? AND until_us IS NULL)"};
  Statement end_{database_, R"(
      UPDATE assignment SET until_us = ? WHERE agent_id = ? AND check_id = ?)"};
  Statement find_{database_, R"(
      SELECT assignment.id, interval_us FROM assignment
      JOIN check_version ON check_version.id = check_id
      WHERE check_id = ? AND agent_id = ?)"};
  // The first result after a new beginning tells of slots from before it as well.
  Statement count_{database_, R"(
      UPDATE assignment SET
        stored = stored + (?2 >= since_us), late = late + (?3 AND ?2 >= since_us),
        skipped = skipped + min(?4, (?2 - since_us) / ?6) * (?2 >= since_us), last_result_id = ?5
      WHERE id = ?1)"};
};

}  // namespace firstbyte::collector
