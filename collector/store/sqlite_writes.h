// What the store's writes do to the tables, on the writer's connection and inside its transaction
// (sqlite_writer.h). Not thread-safe; an Error of kind kInvalid blames this one write, kTransient
// the file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "collector/store/check_writes.h"
#include "collector/store/gap_writes.h"
#include "collector/store/store.h"
#include "common/sqlite.h"

namespace firstbyte::collector {

struct Appended {
  BatchCommit commit;
  std::uint64_t stored = 0;
  std::uint64_t duplicates = 0;  // stored by an earlier batch
  std::uint64_t gaps = 0;        // made by this one
  std::uint64_t lost = 0;        // results in them
};

class SqliteWrites {
 public:
  // `database` outlives this.
  explicit SqliteWrites(Database& database)
      : database_(database), gaps_(database), checks_(database) {}

  Expected<> create_test(const Test& test);
  Expected<Appended> append(const ResultBatch& batch);
  Expected<bool> settle(const CityOutcome& outcome);
  Expected<> record_agent(const AgentIdentity& identity, const std::string& version,
                          WallTime seen_at);
  Expected<> assign(const std::string& agent_id, const std::vector<Check>& checks, WallTime at) {
    return checks_.assign(agent_id, checks, at);
  }

 private:
  // The row that describes the agent like this, made when there is none.
  Expected<std::int64_t> vantage(const AgentIdentity& identity);
  Expected<std::int64_t> stored_cursor(const std::string& agent_id, std::int64_t boot);
  Expected<std::int64_t> insert_result(const ResultBatch& batch, std::int64_t vantage_id,
                                       const SequencedMeasurement& result);
  Expected<> store_results(const ResultBatch& batch,
                           const std::vector<const SequencedMeasurement*>& results,
                           Appended& appended);
  // True when the result brought its city to the end.
  Expected<bool> settle_by_result(const std::string& agent_id, const ReceivedMeasurement& received,
                                  std::int64_t result_id);

  Database& database_;
  GapWrites gaps_;
  CheckWrites checks_;

  Statement find_vantage_{database_, R"(
      SELECT id FROM vantage
      WHERE agent_id = ? AND city = ? AND country = ? AND region = ? AND latitude = ?
        AND longitude = ? AND ifnull(asn, -1) = ifnull(?, -1))"};
  Statement insert_vantage_{database_, R"(
      INSERT INTO vantage (agent_id, city, country, region, latitude, longitude, asn)
      VALUES (?, ?, ?, ?, ?, ?, ?))"};

  Statement insert_test_{database_, R"(
      INSERT INTO test (id, url, target, created_at_us, deadline_at_us) VALUES (?, ?, ?, ?, ?))"};
  Statement insert_city_{database_, R"(
      INSERT INTO test_city (test_id, position, agent_id, vantage_id) VALUES (?, ?, ?, ?))"};
  Statement settle_city_{database_, R"(
      UPDATE test_city SET state = ?, elapsed_us = ?
      WHERE test_id = ? AND agent_id = ? AND state IS NULL)"};
  // Offline is no end before the deadline, unless the agent was never asked: then nothing had
  // elapsed.
  Statement end_by_result_{database_, R"(
      UPDATE test_city SET state = ?, elapsed_us = ?, result_id = ?
      WHERE test_id = ?4 AND agent_id = ?5
        AND (state IS NULL OR (state = 'offline' AND elapsed_us > 0
          AND ?6 <= (SELECT deadline_at_us FROM test WHERE id = ?4))))"};
  Statement note_late_{database_, R"(
      UPDATE test_city SET late_result_id = ?
      WHERE test_id = ? AND agent_id = ? AND late_result_id IS NULL
        AND (state = 'timed_out' OR (state = 'offline' AND elapsed_us > 0)))"};
  Statement find_city_{database_, R"(
      SELECT 1 FROM test_city WHERE test_id = ? AND agent_id = ?)"};

  Statement find_cursor_{database_, R"(
      SELECT sequence FROM cursor WHERE agent_id = ? AND boot = ?)"};
  Statement set_cursor_{database_, R"(
      INSERT INTO cursor (agent_id, boot, sequence) VALUES (?, ?, ?)
      ON CONFLICT DO UPDATE SET sequence = excluded.sequence)"};
  // One line a group of values in insert_result().
  Statement insert_result_{database_, R"(
      INSERT INTO result (
        agent_id, boot, sequence, vantage_id, test_id, url,
        measured_at_us, received_at_us, clock_offset_us, clock_error_us,
        dns_begin_us, dns_end_us, connect_begin_us, connect_end_us,
        tls_begin_us, tls_end_us, wait_begin_us, wait_end_us,
        transfer_begin_us, transfer_end_us, total_us,
        dns_own_us, connect_own_us, tls_own_us, wait_own_us, transfer_own_us, kernel_phases,
        status, http_version, remote_ip, remote_port, local_ip, local_port,
        failure_phase, failure_origin, failure_cause, failure_message,
        family, reuse, loop_lag_us, overloaded,
        assignment_id, scheduled_at_us, late_us, skipped, clock_set)
      VALUES (
        ?, ?, ?, ?, ?, ?,
        ?, ?, ?, ?,
        ?, ?, ?, ?,
        ?, ?, ?, ?,
        ?, ?, ?,
        ?, ?, ?, ?, ?, ?,
        ?, ?, ?, ?, ?, ?,
        ?, ?, ?, ?,
        ?, ?, ?, ?,
        ?, ?, ?, ?, ?))"};
  Statement insert_detail_{database_, R"(
      INSERT INTO result_detail (result_id, json) VALUES (?, ?))"};

  Statement record_agent_{database_, R"(
      INSERT INTO agent (id, vantage_id, version, last_seen_at_us) VALUES (?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET vantage_id = excluded.vantage_id, version = excluded.version,
        last_seen_at_us = max(last_seen_at_us, excluded.last_seen_at_us))"};
  // An agent that delivers has been seen, even one that is not known by a hello.
  Statement record_results_{database_, R"(
      INSERT INTO agent (id, vantage_id, version, last_seen_at_us, last_result_at_us)
      VALUES (?1, ?2, '', ?3, ?3)
      ON CONFLICT DO UPDATE SET
        last_seen_at_us = max(last_seen_at_us, excluded.last_seen_at_us),
        last_result_at_us = max(ifnull(last_result_at_us, 0), excluded.last_result_at_us))"};
};

}  // namespace firstbyte::collector
