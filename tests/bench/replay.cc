// Agents come back from an outage, all at once, each with what it measured meanwhile: how soon the
// collector has taken it in, and what on-demand tests on other agents feel of it. A real gateway,
// dispatcher and store on loopback, in one process with the agents, which speak the protocol as the
// real ones do (simulated_agent.h).

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <ctime>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "collector/dispatch/dispatcher.h"
#include "collector/ingest/agent_gateway.h"
#include "collector/store/sqlite_store.h"
#include "tests/bench/demo_results.h"
#include "tests/bench/report.h"
#include "tests/bench/simulated_agent.h"
#include "tests/fakes/collector_wait.h"
#include "tests/fakes/temp_dir.h"

namespace firstbyte::bench {
namespace {

using collector::AgentGateway;
using collector::AgentRegistry;
using collector::Dispatcher;
using collector::SqliteStore;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// Live tests, each on all live agents, start so far apart.
constexpr milliseconds kTestInterval{50};
constexpr std::chrono::seconds kBefore{2};  // how long they are watched before the drain
constexpr std::size_t kLiveAgents = 14;
constexpr double kMostDrainSeconds = 5;
constexpr double kMostLiveMs = 100;

struct Options {
  std::size_t agents = 14;
  std::size_t backlog = 3600;  // of each
  SendingPace pace;
};

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// From each test's start to each city's end. Thread-safe.
class CityTimes final : public collector::TestObserver {
 public:
  void test_started(const collector::Test& test) override {
    MutexLock lock(mutex_);
    started_[test.id] = Clock::now();
  }
  void city_changed(const collector::Test& test, const collector::TestCity& city) override {
    if (!is_terminal(city.state)) return;
    MutexLock lock(mutex_);
    if (city.state != CityState::kFinished) ++unfinished_[test.id];
    settled_ms_[test.id].push_back(ms_since(started_[test.id]));
  }
  void test_finished(const collector::Test&) override {}

  std::vector<double> of(const std::vector<std::string>& tests) const {
    MutexLock lock(mutex_);
    std::vector<double> all;
    for (const std::string& id : tests) {
      const auto& times = settled_ms_.at(id);
      all.insert(all.end(), times.begin(), times.end());
    }
    return all;
  }
  std::size_t unfinished() const {
    MutexLock lock(mutex_);
    return unfinished_.size();
  }

 private:
  mutable Mutex mutex_;
  std::map<std::string, Clock::time_point> started_ GUARDED_BY(mutex_);
  std::map<std::string, std::vector<double>> settled_ms_ GUARDED_BY(mutex_);
  std::map<std::string, int> unfinished_ GUARDED_BY(mutex_);
};

// Everything of the collector but HTTP.
class Collector {
 public:
  Collector()
      : store_(SqliteStore::open(folder_.path()).value()),
        dispatcher_(*store_, agents_, times_, system_clock()),
        gateway_(AgentGateway::start({.address = "127.0.0.1:0"}, *store_, agents_, dispatcher_,
                                     system_clock())
                     .value()) {}
  ~Collector() {
    dispatcher_.stop();
    gateway_->stop();
    store_ = nullptr;  // its last callbacks still find the dispatcher
  }
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;

  std::string address() const { return fmt::format("127.0.0.1:{}", gateway_->port()); }
  const CityTimes& times() const { return times_; }
  void wait_connected(std::size_t count) const {
    wait(fmt::format("{} agents are not connected", count),
         [&] { return agents_.size() == count; });
  }
  void wait_idle() const {
    wait("tests do not end", [&] { return dispatcher_.running() == 0; });
  }
  std::string start_test(const std::vector<std::string>& agents) {
    return dispatcher_.start({{.url = "https://www.firstbyte.test/"}, agents}).value().id;
  }
  void require_stored(std::size_t results) const {
    auto database = Database::open(folder_ / "firstbyte.db", Database::Access::kReadOnly).value();
    const auto stored = database.number("SELECT count(*) FROM result").value();
    if (std::cmp_equal(stored, results) && store_->stats().duplicates_ignored == 0) return;
    throw std::runtime_error(fmt::format("{} of {} results are stored", stored, results));
  }

 private:
  template <typename Condition>
  static void wait(const std::string& otherwise, Condition condition) {
    if (!fakes::eventually(condition, std::chrono::seconds{60})) {
      throw std::runtime_error(otherwise);
    }
  }

  fakes::TempDir folder_;
  std::unique_ptr<SqliteStore> store_;
  AgentRegistry agents_;
  CityTimes times_;
  Dispatcher dispatcher_;
  std::unique_ptr<AgentGateway> gateway_;
};

using Agents = std::vector<std::unique_ptr<SimulatedAgent>>;

std::vector<std::string> ids(std::size_t first, std::size_t count) {
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < count; ++i) ids.push_back(demo_agent(first + i).id);
  return ids;
}

// Tests on `agents` at a steady rate until `stop`; gives their ids.
std::vector<std::string> live_tests(Collector& collector, const std::vector<std::string>& agents,
                                    const std::function<bool()>& stop) {
  std::vector<std::string> tests;
  Clock::time_point next = Clock::now();
  while (!stop()) {
    tests.push_back(collector.start_test(agents));
    next += kTestInterval;
    std::this_thread::sleep_until(next);
  }
  return tests;
}

void require_no_failure(const Agents& agents) {
  for (const auto& agent : agents) {
    const std::string failure = agent->failure();
    if (!failure.empty()) throw std::runtime_error("an agent's stream ended: " + failure);
  }
}

struct Outcome {
  double drain_s = 0;
  double cores = 0;  // busy meanwhile, of the collector and the agents together
  std::vector<double> before_ms;
  std::vector<double> live_ms;
  std::vector<double> behind_ms;  // a test on those that drain: its results wait behind the others
};

Outcome run_once(const Options& options) {
  Collector collector;
  const std::vector<std::string> draining_ids = ids(0, options.agents);
  const std::vector<std::string> live_ids = ids(options.agents, kLiveAgents);

  std::atomic<std::size_t> drained = 0;
  Agents agents;
  for (std::size_t i = 0; i < options.agents; ++i) {
    agents.push_back(std::make_unique<SimulatedAgent>(
        collector.address(), demo_agent(i), options.backlog, options.pace, [&] { ++drained; }));
  }
  Agents live;
  for (std::size_t i = 0; i < kLiveAgents; ++i) {
    live.push_back(std::make_unique<SimulatedAgent>(
        collector.address(), demo_agent(options.agents + i), 0, options.pace, [] {}));
    live.back()->start();
  }
  collector.wait_connected(kLiveAgents);
  const Clock::time_point until = Clock::now() + kBefore;
  const auto before = live_tests(collector, live_ids, [&] { return Clock::now() >= until; });

  std::atomic<bool> over = false;
  std::vector<std::string> during;
  std::thread tester(
      [&] { during = live_tests(collector, live_ids, [&] { return over.load(); }); });
  const double cpu = cpu_seconds();
  const Clock::time_point start = Clock::now();
  for (const auto& agent : agents) agent->start();
  collector.wait_connected(options.agents + kLiveAgents);
  const std::string behind = collector.start_test(draining_ids);
  while (drained < options.agents && ms_since(start) < 60'000) {
    std::this_thread::sleep_for(milliseconds{1});
  }
  Outcome outcome;
  outcome.drain_s = ms_since(start) / 1000;
  outcome.cores = (cpu_seconds() - cpu) / outcome.drain_s;
  over = true;
  tester.join();
  collector.wait_idle();
  require_no_failure(agents);
  require_no_failure(live);

  if (collector.times().unfinished() > 0) throw std::runtime_error("a test's city did not finish");
  outcome.before_ms = collector.times().of(before);
  outcome.live_ms = collector.times().of(during);
  outcome.behind_ms = collector.times().of({behind});
  collector.require_stored(options.agents * (options.backlog + 1) +
                           (before.size() + during.size()) * kLiveAgents);
  return outcome;
}

int run(const Options& options, int runs, const std::string& json_file) {
  spdlog::set_level(spdlog::level::warn);  // who connects and leaves is no news here
  std::vector<double> drain;
  std::vector<double> cores;
  std::vector<double> before;
  std::vector<double> live;
  std::vector<double> behind;
  for (int i = 0; i < runs; ++i) {
    const Outcome outcome = run_once(options);
    drain.push_back(outcome.drain_s);
    cores.push_back(outcome.cores);
    before.insert(before.end(), outcome.before_ms.begin(), outcome.before_ms.end());
    live.insert(live.end(), outcome.live_ms.begin(), outcome.live_ms.end());
    behind.insert(behind.end(), outcome.behind_ms.begin(), outcome.behind_ms.end());
  }
  Report report(
      fmt::format("replay: {} agents with {} results each, batches of {}, window {}; {} runs",
                  options.agents, options.backlog, options.pace.batch, options.pace.window, runs));
  report.add("drain, slowest run", percentile(drain, 100), "s", kMostDrainSeconds);
  report.add("drain, median", percentile(drain, 50), "s");
  report.add("results a second, median",
             static_cast<double>(options.agents * options.backlog) / percentile(drain, 50), "1/s");
  report.add("cores busy, agents included", percentile(cores, 50), "");
  report.add("order to settled before it, p95", percentile(before, 95), "ms");
  report.add("order to settled meanwhile, p50", percentile(live, 50), "ms");
  report.add("order to settled meanwhile, p95", percentile(live, 95), "ms", kMostLiveMs);
  report.add("order to settled meanwhile, slowest", percentile(live, 100), "ms");
  report.add("the same of agents that drain, p50", percentile(behind, 50), "ms");
  return report.finish(json_file);
}

}  // namespace
}  // namespace firstbyte::bench

int main(int argc, char** argv) {
  CLI::App app{"How soon the results of an outage are in, and what live tests feel of it."};
  firstbyte::bench::Options options;
  int runs = 5;
  std::string json_file;
  app.add_option("--agents", options.agents, "how many come back")->capture_default_str();
  app.add_option("--backlog", options.backlog, "results of each")->capture_default_str();
  app.add_option("--batch", options.pace.batch, "results in a message")->capture_default_str();
  app.add_option("--window", options.pace.window, "results unacknowledged")->capture_default_str();
  app.add_option("--runs", runs, "how many runs")->capture_default_str();
  app.add_option("--json", json_file, "write the figures to this file");
  CLI11_PARSE(app, argc, argv);
  try {
    return firstbyte::bench::run(options, runs, json_file);
  } catch (const std::exception& error) {
    fmt::print(stderr, "replay: {}\n", error.what());
    return 2;
  }
}
