// The store's questions about how agents are, on the connection for reading. Not thread-safe. A row
// that no write of ours can have made is an Error, kFatal.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "collector/store/store.h"
#include "common/sqlite.h"

namespace firstbyte::collector {

class ConditionReads {
 public:
  // `database` outlives this.
  explicit ConditionReads(Database& database) : database_(database) {}

  // Adds to agents what is known of them beyond who they are.
  Expected<> complete(std::vector<AgentRecord>& agents);

 private:
  using ById = std::map<std::string_view, AgentRecord*>;
  Expected<> add_conditions(const ById& agents);
  Expected<> add_lost(const ById& agents);
  Expected<> add_gaps(const ById& agents);
  Expected<> add_clock_steps(const ById& agents);

  Database& database_;

  Statement conditions_{database_, R"(
      SELECT agent_id, spool_at_us, spool_results, spool_bytes, spool_oldest_at_us, spool_lost,
        spool_error, spool_set_aside_at_us, clock_at_us, clock_offset_us, clock_error_us
      FROM agent_condition)"};
  // An agent may claim numbers whose sum no integer holds; a cast stops at the largest.
  Statement lost_{database_, R"(
      SELECT agent_id, CAST(total(count) AS INTEGER) FROM gap GROUP BY agent_id)"};
  Statement gaps_{database_, R"(
      SELECT agent_id, boot, first_sequence, last_sequence, reason, recorded_at_us, received_at_us
      FROM (SELECT *, row_number() OVER (
              PARTITION BY agent_id ORDER BY received_at_us DESC, boot, first_sequence DESC) AS n
            FROM gap)
      WHERE n <= ? ORDER BY agent_id, n)"};
  Statement steps_{database_, R"(
      SELECT agent_id, at_us, by_us, error_us
      FROM (SELECT *, row_number() OVER (PARTITION BY agent_id ORDER BY id DESC) AS n
            FROM clock_step)
      WHERE n <= ? ORDER BY agent_id, n)"};
};

}  // namespace firstbyte::collector
