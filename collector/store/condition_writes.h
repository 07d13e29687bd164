// How agents and their clocks are, in the tables: on the writer's connection and inside its
// transaction (sqlite_writer.h). Not thread-safe.
#pragma once

#include <string>

#include "collector/store/store.h"
#include "common/sqlite.h"

namespace firstbyte::collector {

class ConditionWrites {
 public:
  // `database` outlives this.
  explicit ConditionWrites(Database& database) : database_(database) {}

  Expected<> record(const std::string& agent_id, const AgentCondition& condition);
  Expected<> record_step(const std::string& agent_id, const ClockStep& step);

 private:
  Database& database_;

  Statement record_spool_{database_, R"(
      INSERT INTO agent_condition (agent_id, spool_at_us, spool_results, spool_bytes,
        spool_oldest_at_us, spool_lost, spool_error, spool_set_aside_at_us)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET spool_at_us = excluded.spool_at_us,
        spool_results = excluded.spool_results, spool_bytes = excluded.spool_bytes,
        spool_oldest_at_us = excluded.spool_oldest_at_us, spool_lost = excluded.spool_lost,
        spool_error = excluded.spool_error,
        spool_set_aside_at_us = excluded.spool_set_aside_at_us)"};
  Statement record_clock_{database_, R"(
      INSERT INTO agent_condition (agent_id, clock_at_us, clock_offset_us, clock_error_us)
      VALUES (?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET clock_at_us = excluded.clock_at_us,
        clock_offset_us = excluded.clock_offset_us, clock_error_us = excluded.clock_error_us)"};
  Statement record_step_{database_, R"(
      INSERT INTO clock_step (agent_id, at_us, by_us, error_us) VALUES (?, ?, ?, ?))"};
};

}  // namespace firstbyte::collector
