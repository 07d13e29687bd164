// How many results a second one core takes into the store: the whole process, the store's writer
// and who feeds it, is held on one core. `store`: from the domain's values to committed rows;
// `protocol`: from the bytes of the agents' messages. The floor is the same bytes in the simplest
// table there is, by SQLite's own calls. Whatever was acknowledged is read back afterwards.

#include <fmt/format.h>
#include <sched.h>
#include <sqlite3.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <ctime>
#include <map>
#include <mutex>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <vector>

#include "collector/store/sqlite_store.h"
#include "proto/codec.h"
#include "tests/bench/demo_results.h"
#include "tests/bench/report.h"
#include "tests/fakes/temp_dir.h"

namespace firstbyte::bench {
namespace {

using collector::BatchCommit;
using collector::ReceivedMeasurement;
using collector::ResultBatch;
using collector::SqliteStore;

constexpr std::size_t kBatch = 50;  // results in a message of an agent
// Batches of an agent, and of all, that wait for their commit: as the collector takes them in, but
// bounded so that it comes to several groups.
constexpr std::size_t kUncommitted = 2;
constexpr std::size_t kMostUncommitted = 1000;
// Prepared at a time, so that not all of them are in memory at once.
constexpr std::size_t kSlice = 600;
// Every so many results one belongs to a test, and is compared with what was sent.
constexpr std::size_t kSample = 1000;

void hold_on_one_core() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) throw std::runtime_error("no affinity");
  int core = CPU_SETSIZE - 1;
  while (core > 0 && !CPU_ISSET(core, &allowed)) --core;
  CPU_ZERO(&allowed);
  CPU_SET(core, &allowed);
  if (sched_setaffinity(0, sizeof allowed, &allowed) != 0) {
    throw std::runtime_error(fmt::format("cannot stay on core {}", core));
  }
}

// What passed between start() and stop(), all such spans together.
class Stopwatch {
 public:
  void start() {
    wall_ -= now(CLOCK_MONOTONIC);
    cpu_ -= now(CLOCK_PROCESS_CPUTIME_ID);
  }
  void stop() {
    wall_ += now(CLOCK_MONOTONIC);
    cpu_ += now(CLOCK_PROCESS_CPUTIME_ID);
  }
  double wall_s() const { return wall_; }
  double cpu_s() const { return cpu_; }  // of all threads of the process

 private:
  static double now(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  }
  double wall_ = 0;
  double cpu_ = 0;
};

// Batches go round the agents.
struct Load {
  std::size_t agents;
  std::size_t batches;

  std::size_t results() const { return batches * kBatch; }
  AgentIdentity agent(std::size_t batch) const { return demo_agent(batch % agents); }
  std::uint64_t first_sequence(std::size_t batch) const { return batch / agents * kBatch + 1; }
  std::size_t under_way() const { return std::min(agents * kUncommitted, kMostUncommitted); }
};

// Empty for a result of no test.
std::string test_of(std::size_t batch, std::size_t i) {
  const std::size_t number = batch * kBatch + i;
  return number % kSample == 0 ? fmt::format("bench-{}", number) : std::string();
}

ReceivedMeasurement received(const Load& load, std::size_t batch, std::size_t i) {
  ReceivedMeasurement received;
  received.measurement = demo_result(load.first_sequence(batch) + i);
  received.measurement.test_id = test_of(batch, i);
  received.received_at = received.measurement.measured_at + std::chrono::milliseconds{190};
  received.clock = collector::ClockOffset{Micros{-180}, Micros{240}};
  return received;
}

ResultBatch make_batch(const Load& load, std::size_t batch) {
  ResultBatch results{.agent = load.agent(batch), .boot = 7, .results = {}};
  for (std::size_t i = 0; i < kBatch; ++i) {
    results.results.push_back({load.first_sequence(batch) + i, received(load, batch, i)});
  }
  return results;
}

std::string make_message(const Load& load, std::size_t batch) {
  v1::AgentMessage message;
  for (std::size_t i = 0; i < kBatch; ++i) {
    v1::SequencedResult* result = message.mutable_results()->add_results();
    result->set_sequence(load.first_sequence(batch) + i);
    *result->mutable_measurement() = encode(received(load, batch, i).measurement);
  }
  return message.SerializeAsString();
}

// As an agent's session in collector/ingest does it.
ResultBatch take_message(const Load& load, std::size_t batch, const std::string& bytes) {
  v1::AgentMessage message;
  if (!message.ParseFromString(bytes)) throw std::runtime_error("a message cannot be parsed");
  ResultBatch results{.agent = load.agent(batch), .boot = 7, .results = {}};
  results.results.reserve(kBatch);
  for (const v1::SequencedResult& result : message.results().results()) {
    Measurement measurement = decode(result.measurement()).value();
    const WallTime now = measurement.measured_at + std::chrono::milliseconds{190};
    results.results.push_back(
        {result.sequence(),
         {std::move(measurement), now, collector::ClockOffset{Micros{-180}, Micros{240}}}});
  }
  return results;
}

// The batches that are on their way, and the first that failed.
class UnderWay {
 public:
  explicit UnderWay(std::size_t most) : most_(static_cast<std::ptrdiff_t>(most)), room_(most_) {}

  void enter() { room_.acquire(); }
  void leave(const Expected<BatchCommit>& commit) {
    if (!commit) {
      const std::lock_guard lock(mutex_);
      if (error_.empty()) error_ = commit.error().message;
    }
    room_.release();
  }
  // Waits until all have left.
  void join() {
    for (std::ptrdiff_t i = 0; i < most_; ++i) room_.acquire();
    room_.release(most_);
    const std::lock_guard lock(mutex_);
    if (!error_.empty()) throw std::runtime_error("a batch was not stored: " + error_);
  }

 private:
  const std::ptrdiff_t most_;
  std::counting_semaphore<> room_;
  std::mutex mutex_;
  std::string error_;
};

struct Speed {
  double per_second = 0;      // of the wall's time
  double per_cpu_second = 0;  // of the process's
};

Speed speed(std::size_t results, const Stopwatch& watch) {
  const auto count = static_cast<double>(results);
  return {count / watch.wall_s(), count / watch.cpu_s()};
}

// `prepare` makes what `take` then turns into a batch; only that and the store are on the watch.
template <typename Prepare, typename Take>
Speed feed(SqliteStore& store, const Load& load, Prepare prepare, Take take) {
  Stopwatch watch;
  UnderWay under_way(load.under_way());
  for (std::size_t first = 0; first < load.batches; first += kSlice) {
    const std::size_t last = std::min(first + kSlice, load.batches);
    std::vector<decltype(prepare(load, first))> slice;
    for (std::size_t batch = first; batch < last; ++batch) slice.push_back(prepare(load, batch));
    watch.start();
    for (std::size_t batch = first; batch < last; ++batch) {
      under_way.enter();
      store.append(take(load, batch, std::move(slice[batch - first])),
                   [&](const Expected<BatchCommit>& commit) { under_way.leave(commit); });
    }
    under_way.join();
    watch.stop();
  }
  return speed(load.results(), watch);
}

void create_tests(SqliteStore& store, const Load& load) {
  std::counting_semaphore<> created(0);
  std::ptrdiff_t count = 0;
  for (std::size_t number = 0; number < load.results(); number += kSample) {
    const std::size_t batch = number / kBatch;
    collector::Test test{.id = test_of(batch, number % kBatch),
                         .target = {.url = "https://www.firstbyte.test/"},
                         .created_at = WallTime{Micros{1}},
                         .deadline_at = WallTime{Micros{2}},
                         .cities = {{.agent = load.agent(batch), .received = {}}}};
    store.create_test(std::move(test), [&](const Expected<>&) { created.release(); });
    // The queue is bounded; one at a time would be a sync each.
    if (++count % 500 == 0) {
      for (int i = 0; i < 500; ++i) created.acquire();
    }
  }
  for (std::ptrdiff_t i = 0; i < count % 500; ++i) created.acquire();
}

void require(bool holds, std::string_view what) {
  if (!holds) throw std::runtime_error(fmt::format("after the run: {}", what));
}

// Counts by plain SQL, and the sample by the store.
void check(const std::filesystem::path& file, SqliteStore& store, const Load& load) {
  auto database = Database::open(file, Database::Access::kReadOnly).value();
  const auto is_all = [&](const char* sql) {
    return std::cmp_equal(database.number(sql).value(), load.results());
  };
  require(is_all("SELECT count(*) FROM result"), "not every result is stored once");
  require(is_all("SELECT count(*) FROM result_detail JOIN result ON result.id = result_id "
                 "WHERE json_extract(json, '$.headers[9][0]') = 'vary'"),
          "not every detail can be read");
  require(is_all("SELECT sum(sequence) FROM cursor"), "the cursors are not at the last results");
  for (std::size_t number = 0; number < load.results(); number += kSample) {
    const std::size_t batch = number / kBatch;
    const auto test = store.load_test(test_of(batch, number % kBatch)).value().value();
    require(test.cities.at(0).received == received(load, batch, number % kBatch),
            "a result is not what was sent");
  }
}

struct Outcome {
  Speed speed;
  double payload = 0;     // bytes in the file's tables and indexes, a result
  double per_commit = 0;  // results in a transaction
};

template <typename Prepare, typename Take>
Outcome run_store(const Load& load, Prepare prepare, Take take) {
  const fakes::TempDir folder;
  Outcome outcome;
  auto store = SqliteStore::open(folder.path()).value();
  create_tests(*store, load);
  const std::uint64_t before = store->stats().commits;
  outcome.speed = feed(*store, load, prepare, take);
  outcome.per_commit =
      static_cast<double>(load.results()) / static_cast<double>(store->stats().commits - before);
  check(folder / "firstbyte.db", *store, load);
  store = nullptr;
  auto file = Database::open(folder / "firstbyte.db", Database::Access::kReadOnly).value();
  const auto payload = file.number("SELECT sum(payload) FROM dbstat").value();
  outcome.payload = static_cast<double>(payload) / static_cast<double>(load.results());
  return outcome;
}

// SQLite's own calls.
class RawTable {
 public:
  explicit RawTable(const std::string& file) {
    require_ok(sqlite3_open(file.c_str(), &database_));
    execute(
        "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "PRAGMA cache_size = -8192; PRAGMA journal_size_limit = 16777216;"
        "CREATE TABLE bytes (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT");
    require_ok(sqlite3_prepare_v2(database_, "INSERT INTO bytes (bytes) VALUES (?)", -1, &insert_,
                                  nullptr));
  }
  ~RawTable() {
    sqlite3_finalize(insert_);
    sqlite3_close(database_);
  }
  RawTable(const RawTable&) = delete;
  RawTable& operator=(const RawTable&) = delete;

  void execute(const char* sql) {
    require_ok(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr));
  }
  void insert(const std::string& bytes) {
    require_ok(sqlite3_bind_blob64(insert_, 1, bytes.data(), bytes.size(), SQLITE_STATIC));
    if (sqlite3_step(insert_) != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(database_));
    sqlite3_reset(insert_);
  }

 private:
  void require_ok(int code) const {
    if (code != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(database_));
  }
  sqlite3* database_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
};

Speed run_floor(const Load& load, double payload) {
  const fakes::TempDir folder;
  RawTable table(folder / "floor.db");
  const std::string bytes(static_cast<std::size_t>(payload), 'x');
  const std::size_t group = load.under_way() * kBatch;
  Stopwatch watch;
  watch.start();
  for (std::size_t done = 0; done < load.results();) {
    table.execute("BEGIN IMMEDIATE");
    const std::size_t end = std::min(done + group, load.results());
    for (; done < end; ++done) table.insert(bytes);
    table.execute("COMMIT");
  }
  watch.stop();
  return speed(load.results(), watch);
}

using Figures = std::map<std::string, std::vector<double>>;

void run_once(const Load& load, Figures& figures) {
  const Outcome store =
      run_store(load, make_batch,
                [](const Load&, std::size_t, ResultBatch&& batch) { return std::move(batch); });
  const Outcome protocol = run_store(load, make_message, take_message);
  const Speed floor = run_floor(load, store.payload);
  figures["store"].push_back(store.speed.per_second);
  figures["store cpu"].push_back(store.speed.per_cpu_second);
  figures["protocol"].push_back(protocol.speed.per_second);
  figures["protocol cpu"].push_back(protocol.speed.per_cpu_second);
  figures["floor"].push_back(floor.per_second);
  figures["floor cpu"].push_back(floor.per_cpu_second);
  figures["ratio"].push_back(floor.per_cpu_second / store.speed.per_cpu_second);
  figures["payload"].push_back(store.payload);
  figures["commit"].push_back(store.per_commit);
}

int run(std::vector<std::size_t> agents, std::size_t results, int runs,
        const std::string& json_file) {
  hold_on_one_core();
  Report report(fmt::format("ingest: {} results in batches of {}, one core, medians of {} runs",
                            results, kBatch, runs));
  for (const std::size_t count : agents) {
    Figures figures;
    for (int i = 0; i < runs; ++i) run_once({count, results / kBatch}, figures);
    const auto name = [&](std::string_view figure) {
      return fmt::format("{} agents: {}", count, figure);
    };
    const auto median = [&](const char* figure) { return percentile(figures.at(figure), 50); };
    report.add_rate(name("store"), median("store"), "1/s", 80'000);
    report.add(name("store, a second of CPU"), median("store cpu"), "1/s");
    report.add(name("protocol"), median("protocol"), "1/s");
    report.add(name("protocol, a second of CPU"), median("protocol cpu"), "1/s");
    report.add(name("floor"), median("floor"), "1/s");
    report.add(name("floor, a second of CPU"), median("floor cpu"), "1/s");
    report.add(name("CPU of the store, of the floor's"), median("ratio"), "");
    report.add(name("stored a result"), median("payload"), "B");
    report.add(name("results in a transaction"), median("commit"), "");
  }
  return report.finish(json_file);
}

}  // namespace
}  // namespace firstbyte::bench

int main(int argc, char** argv) {
  CLI::App app{"Results a second into SQLite, on one core."};
  std::vector<std::size_t> agents{14, 2000};
  std::size_t results = 100'000;
  int runs = 5;
  std::string json_file;
  app.add_option("--agents", agents, "how many agents they come from, one round each")
      ->capture_default_str();
  app.add_option("--results", results, "results of a run, at least a batch")->capture_default_str();
  app.add_option("--runs", runs, "how many runs")->capture_default_str();
  app.add_option("--json", json_file, "write the figures to this file");
  CLI11_PARSE(app, argc, argv);
  try {
    return firstbyte::bench::run(agents, results, runs, json_file);
  } catch (const std::exception& error) {
    fmt::print(stderr, "ingest: {}\n", error.what());
    return 2;
  }
}
