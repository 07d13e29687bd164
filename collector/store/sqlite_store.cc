#include "collector/store/sqlite_store.h"

#include <utility>

#include "collector/store/database_file.h"

namespace firstbyte::collector {
namespace {

std::size_t memory_of(const ResultBatch& batch) {
  std::size_t bytes = sizeof(ResultBatch) + batch.gaps.size() * sizeof(Gap);
  for (const SequencedMeasurement& result : batch.results) {
    bytes += sizeof(SequencedMeasurement) - sizeof(Measurement);
    bytes += firstbyte::memory_of(result.received.measurement);
  }
  return bytes;
}

// The texts that may be long: what is asked for, its headers and its body.
std::size_t memory_of(const std::vector<Check>& checks) {
  std::size_t bytes = 0;
  for (const Check& check : checks) {
    const Target& target = check.target;
    bytes += sizeof(Check) + check.name.size() + target.url.size() + target.body.size();
    for (const auto& [name, value] : target.headers) {
      bytes += 2 * sizeof(std::string) + name.size() + value.size();
    }
    bytes += target.expect.headers.size() * sizeof(ExpectedHeader);
  }
  return bytes;
}

}  // namespace

Expected<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::filesystem::path& data_dir) {
  return open(data_dir, Options{});
}

Expected<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::filesystem::path& data_dir,
                                                         Options options) {
  auto lock = FolderLock::take(data_dir, "collector");
  if (!lock) return std::unexpected(std::move(lock.error()));
  const std::filesystem::path file = data_dir / "firstbyte.db";
  auto writing = open_database(file);
  if (!writing) return std::unexpected(std::move(writing.error()));
  auto reading = open_for_reading(file);
  if (!reading) return std::unexpected(std::move(reading.error()));
  return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(*lock), std::move(*writing),
                                                      std::move(*reading), file.string(),
                                                      std::move(options)));
}

SqliteStore::SqliteStore(FolderLock lock, Database writing, Database reading, std::string file,
                         Options options)
    : lock_(std::move(lock)),
      writing_(std::move(writing)),
      writes_(writing_),
      condition_writes_(writing_),
      reading_(std::move(reading)),
      reads_(reading_),
      condition_reads_(reading_),
      check_reads_(reading_),
      past_reads_(reading_),
      writer_(writing_, std::move(file), stats_, std::move(options)) {}

void SqliteStore::create_test(Test test, Done<> done) {
  writer_.submit<void>([this, test = std::move(test)] { return writes_.create_test(test); },
                       std::move(done));
}

void SqliteStore::append(ResultBatch batch, Done<BatchCommit> done) {
  const std::size_t bytes = memory_of(batch);
  writer_.submit_patient<Appended>(
      [this, batch = std::move(batch)] { return writes_.append(batch); },
      [this, done = std::move(done)](Expected<Appended> appended) {
        if (!appended) return done(std::unexpected(std::move(appended.error())));
        stats_.results_stored += appended->stored;
        stats_.duplicates_ignored += appended->duplicates;
        stats_.gaps_recorded += appended->gaps;
        stats_.results_lost += appended->lost;
        done(std::move(appended->commit));
      },
      bytes);
}

void SqliteStore::settle(CityOutcome outcome, Done<bool> done) {
  writer_.submit_lasting<bool>(
      [this, outcome = std::move(outcome)] { return writes_.settle(outcome); }, std::move(done));
}

void SqliteStore::record_agent(AgentIdentity identity, std::string version, WallTime seen_at,
                               Done<> done) {
  writer_.submit<void>([this, identity = std::move(identity), version = std::move(version),
                        seen_at] { return writes_.record_agent(identity, version, seen_at); },
                       std::move(done));
}

void SqliteStore::record_condition(std::string agent_id, AgentCondition condition, Done<> done) {
  writer_.submit<void>(
      [this, agent_id = std::move(agent_id), condition = std::move(condition)] {
        return condition_writes_.record(agent_id, condition);
      },
      std::move(done));
}

void SqliteStore::record_clock_step(std::string agent_id, ClockStep step, Done<> done) {
  writer_.submit_lasting<void>([this, agent_id = std::move(agent_id),
                                step] { return condition_writes_.record_step(agent_id, step); },
                               std::move(done));
}

void SqliteStore::assign(std::string agent_id, std::vector<Check> checks, WallTime at,
                         Done<> done) {
  const std::size_t bytes = memory_of(checks);
  writer_.submit_patient<void>([this, agent_id = std::move(agent_id), checks = std::move(checks),
                                at] { return writes_.assign(agent_id, checks, at); },
                               std::move(done), bytes);
}

Expected<std::optional<Test>> SqliteStore::load_test(const std::string& id) {
  MutexLock lock(reading_mutex_);
  return reads_.load_test(id);
}

Expected<std::vector<PastTest>> SqliteStore::past_tests(const std::string& url,
                                                        const std::string& before, int most) {
  MutexLock lock(reading_mutex_);
  return past_reads_.tests(url, before, most);
}

Expected<std::vector<Test>> SqliteStore::unfinished_tests(WallTime now) {
  MutexLock lock(reading_mutex_);
  return reads_.unfinished_tests(now);
}

Expected<std::vector<AgentRecord>> SqliteStore::agents() {
  MutexLock lock(reading_mutex_);
  auto agents = reads_.agents();
  if (!agents) return agents;
  if (auto completed = condition_reads_.complete(*agents); !completed) {
    return std::unexpected(std::move(completed.error()));
  }
  return agents;
}

Expected<std::vector<CheckRecord>> SqliteStore::check_records() {
  MutexLock lock(reading_mutex_);
  return check_reads_.records();
}

Expected<std::uint64_t> SqliteStore::cursor(const std::string& agent_id, std::uint64_t boot) {
  MutexLock lock(reading_mutex_);
  return reads_.cursor(agent_id, boot);
}

Expected<std::uint64_t> SqliteStore::highest_sequence(const std::string& agent_id,
                                                      std::uint64_t boot) {
  MutexLock lock(reading_mutex_);
  return reads_.highest_sequence(agent_id, boot);
}

}  // namespace firstbyte::collector
