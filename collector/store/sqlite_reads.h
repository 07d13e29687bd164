// The store's questions to the tables, on a connection of their own. Not thread-safe. A row that no
// write of ours can have made is an Error, kFatal.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "collector/store/store.h"
#include "common/sqlite.h"

namespace firstbyte::collector {

class SqliteReads {
 public:
  // `database` outlives this.
  explicit SqliteReads(Database& database) : database_(database) {}

  Expected<std::optional<Test>> load_test(const std::string& id);
  Expected<std::vector<Test>> unfinished_tests(WallTime now);
  Expected<std::vector<AgentRecord>> agents();
  Expected<std::uint64_t> cursor(const std::string& agent_id, std::uint64_t boot);
  Expected<std::uint64_t> highest_sequence(const std::string& agent_id, std::uint64_t boot);

 private:
  Expected<std::vector<TestCity>> cities(const std::string& test_id);
  Expected<std::vector<Test>> load_unfinished(WallTime now);

  Database& database_;

  Statement find_test_{database_, R"(
      SELECT id, target, created_at_us, deadline_at_us FROM test WHERE id = ?)"};
  // The second half looks at every test; it is asked once, at the start.
  Statement unfinished_{database_, R"(
      SELECT id FROM test
      WHERE id IN (SELECT test_id FROM test_city WHERE state IS NULL)
        OR (deadline_at_us > ? AND EXISTS (
          SELECT 1 FROM test_city
          WHERE test_id = test.id AND state = 'offline' AND elapsed_us > 0))
      ORDER BY created_at_us, id)"};
  Statement agents_{database_, R"(
      SELECT vantage.agent_id, city, country, region, latitude, longitude, asn,
        version, last_seen_at_us, last_result_at_us
      FROM agent JOIN vantage ON vantage.id = agent.vantage_id
      ORDER BY agent.id)"};
  Statement cursor_{database_, R"(
      SELECT sequence FROM cursor WHERE agent_id = ? AND boot = ?)"};
  Statement highest_sequence_{database_, R"(
      SELECT ifnull(max(sequence), 0) FROM result WHERE agent_id = ? AND boot = ?)"};
  // One line a function of sqlite_reads.cc.
  Statement cities_{database_, R"(
      SELECT
        vantage.agent_id, city, country, region, latitude, longitude, asn,
        state, elapsed_us, late_result_id IS NOT NULL, result.id,
        received_at_us, clock_offset_us, clock_error_us,
        result.test_id, result.url, measured_at_us, status, http_version,
        remote_ip, remote_port, local_ip, local_port,
        dns_begin_us, dns_end_us, connect_begin_us, connect_end_us, tls_begin_us, tls_end_us,
        wait_begin_us, wait_end_us, transfer_begin_us, transfer_end_us, total_us,
        dns_own_us, connect_own_us, tls_own_us, wait_own_us, transfer_own_us, kernel_phases,
        failure_phase, failure_origin, failure_cause, failure_message,
        family, reuse, loop_lag_us, overloaded,
        json
      FROM test_city
      JOIN vantage ON vantage.id = test_city.vantage_id
      LEFT JOIN result ON result.id = ifnull(test_city.result_id, late_result_id)
      LEFT JOIN result_detail ON result_detail.result_id = result.id
      WHERE test_city.test_id = ?
      ORDER BY position)"};
};

}  // namespace firstbyte::collector
