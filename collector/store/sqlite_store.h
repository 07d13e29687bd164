// The store in one SQLite file, `firstbyte.db` in the data folder: embedded, nothing to run beside
// the collector. Writes are synced to disk before they are called done. See store.h for the
// contract.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "collector/store/check_reads.h"
#include "collector/store/condition_reads.h"
#include "collector/store/condition_writes.h"
#include "collector/store/past_reads.h"
#include "collector/store/sqlite_reads.h"
#include "collector/store/sqlite_writer.h"
#include "collector/store/sqlite_writes.h"
#include "collector/store/store.h"
#include "common/error.h"
#include "common/folder_lock.h"
#include "common/mutex.h"
#include "common/sqlite.h"

namespace firstbyte::collector {

class SqliteStore : public Store {
 public:
  using Options = SqliteWriter::Options;

  // Makes the folder and the file when they are missing and brings an older file to the present
  // schema. The Error is kFatal, names "--data-dir", and leaves a file that is not ours as it was:
  // the folder or the file cannot be written, is in use by another collector, is no SQLite database
  // or another program's, or is newer than this binary.
  static Expected<std::unique_ptr<SqliteStore>> open(const std::filesystem::path& data_dir,
                                                     Options options);
  static Expected<std::unique_ptr<SqliteStore>> open(const std::filesystem::path& data_dir);

  // Finishes the writes that are queued, then closes the file. Callbacks still run meanwhile.
  ~SqliteStore() override = default;

  void create_test(Test test, Done<> done) override;
  void append(ResultBatch batch, Done<BatchCommit> done) override;
  void settle(CityOutcome outcome, Done<bool> done) override;
  void record_agent(AgentIdentity identity, std::string version, WallTime seen_at,
                    Done<> done) override;
  void record_condition(std::string agent_id, AgentCondition condition, Done<> done) override;
  void record_clock_step(std::string agent_id, ClockStep step, Done<> done) override;
  void assign(std::string agent_id, std::vector<Check> checks, WallTime at, Done<> done) override;

  Expected<std::optional<Test>> load_test(const std::string& id) override;
  Expected<std::vector<PastTest>> past_tests(const std::string& url, const std::string& before,
                                             int most) override;
  Expected<std::vector<Test>> unfinished_tests(WallTime now) override;
  Expected<std::vector<AgentRecord>> agents() override;
  Expected<std::vector<CheckRecord>> check_records() override;
  Expected<std::uint64_t> cursor(const std::string& agent_id, std::uint64_t boot) override;
  Expected<std::uint64_t> highest_sequence(const std::string& agent_id,
                                           std::uint64_t boot) override;
  std::optional<std::string> write_error() const override { return writer_.write_error(); }
  bool crowded() const override { return writer_.crowded(); }

  const StoreStats& stats() const { return stats_; }

 private:
  SqliteStore(FolderLock lock, Database writing, Database reading, std::string file,
              Options options);

  // In the order in which they are needed, and closed in reverse: the writer finishes first, and
  // the last connection to close is the one that may move the log into the file.
  FolderLock lock_;
  StoreStats stats_;
  Database writing_;
  SqliteWrites writes_;  // the writer's thread alone touches these two
  ConditionWrites condition_writes_;
  Mutex reading_mutex_;
  Database reading_;
  SqliteReads reads_ GUARDED_BY(reading_mutex_);
  ConditionReads condition_reads_ GUARDED_BY(reading_mutex_);
  CheckReads check_reads_ GUARDED_BY(reading_mutex_);
  PastReads past_reads_ GUARDED_BY(reading_mutex_);
  SqliteWriter writer_;
};

}  // namespace firstbyte::collector
