// The store's questions about checks, on the connection for reading. Not thread-safe. A row that no
// write of ours can have made is an Error, kFatal.
#pragma once

#include <vector>

#include "collector/store/store.h"
#include "common/sqlite.h"

namespace firstbyte::collector {

class CheckReads {
 public:
  // `database` outlives this.
  explicit CheckReads(Database& database) : database_(database) {}

  Expected<std::vector<CheckRecord>> records();

 private:
  Database& database_;

  // One line a part of the record.
  Statement records_{database_, R"(
      SELECT
        check_id, since_us, stored, late, assignment.skipped,
        vantage.agent_id, city, country, region, latitude, longitude, asn,
        result.id,
        scheduled_at_us, measured_at_us, received_at_us, clock_offset_us, clock_error_us,
        status, transfer_begin_us, total_us,
        failure_phase, failure_origin, failure_cause, failure_message
      FROM assignment
      JOIN agent ON agent.id = assignment.agent_id
      JOIN vantage ON vantage.id = agent.vantage_id
      LEFT JOIN result ON result.id = last_result_id
      WHERE until_us IS NULL
      ORDER BY check_id, assignment.agent_id)"};
};

}  // namespace firstbyte::collector
