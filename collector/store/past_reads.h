// The store's question about tests of the past, on the connection for reading. Not thread-safe. A
// row that no write of ours can have made is an Error, kFatal.
#pragma once

#include <string>
#include <vector>

#include "collector/store/store.h"
#include "common/sqlite.h"

namespace firstbyte::collector {

class PastReads {
 public:
  // `database` outlives this.
  explicit PastReads(Database& database) : database_(database) {}

  Expected<std::vector<PastTest>> tests(const std::string& url, const std::string& before,
                                        int most);

 private:
  Database& database_;

  Statement tests_{database_, R"(
      WITH chosen AS (
        SELECT id, target, created_at_us, deadline_at_us FROM test
        WHERE url = ?1 AND (?2 = '' OR (created_at_us, id) < (
          SELECT created_at_us, id FROM test AS last WHERE last.id = ?2))
        ORDER BY created_at_us DESC, id DESC
        LIMIT ?3)
      SELECT chosen.id, target, created_at_us, deadline_at_us,
        state, result.id, status, failure_cause, transfer_begin_us
      FROM chosen
      JOIN test_city ON test_city.test_id = chosen.id
      LEFT JOIN result ON result.id = result_id
      ORDER BY created_at_us DESC, chosen.id DESC, position)"};
};

}  // namespace firstbyte::collector
