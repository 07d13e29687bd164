// What the fourteen agents and the collector take of the machine while they are connected and idle,
// and how soon each is ready: over mutual TLS, with identities that were enrolled, on data folders.
// Runs beside the demo stack (lab/demo.py exec), reads FIRSTBYTE_PIDS and FIRSTBYTE_DEMO_DATA.

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include "tests/bench/report.h"

extern char** environ;

namespace firstbyte::bench {
namespace {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;

struct Memory {
  double rss_mb = 0;
  double pss_mb = 0;
};

// The kernel's own sums over the process's mappings, in MB of 10^6 bytes as the bounds are.
Memory memory_of(std::int64_t pid) {
  std::ifstream file(fmt::format("/proc/{}/smaps_rollup", pid));
  if (!file) throw std::runtime_error(fmt::format("process {} is gone", pid));
  Memory memory;
  std::string key;
  double kib = 0;
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    if (!(words >> key >> kib)) continue;
    if (key == "Rss:") memory.rss_mb = kib * 1024 / 1e6;
    if (key == "Pss:") memory.pss_mb = kib * 1024 / 1e6;
  }
  return memory;
}

// A process of ours with its standard output in a pipe; ended and awaited when this goes.
class Child {
 public:
  explicit Child(const std::vector<std::string>& command) {
    std::array<int, 2> pipe_fds{};
    if (pipe2(pipe_fds.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe_fds[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    std::vector<char*> argv;
    for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    const int error = posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(pipe_fds[1]);
    out_ = pipe_fds[0];
    if (error != 0) throw std::runtime_error("cannot start " + command[0]);
  }
  ~Child() {
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
    close(out_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // The first line of its standard output.
  std::string first_line() const {
    std::string line;
    while (const auto c = next()) {
      if (*c == '\n') return line;
      line += *c;
    }
    throw std::runtime_error("a process did not say that it is ready");
  }
  // All of it, when the process has ended.
  std::string output() const {
    std::string text;
    while (const auto c = next()) text += *c;
    return text;
  }

 private:
  std::optional<char> next() const {
    char c = 0;
    pollfd waiting{out_, POLLIN, 0};
    if (poll(&waiting, 1, 10'000) == 1 && read(out_, &c, 1) == 1) return c;
    return std::nullopt;
  }

  pid_t pid_ = -1;
  int out_ = -1;
};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) {
    throw std::runtime_error(fmt::format("{} is not set; run it by ./dev bench footprint", name));
  }
  return value;
}

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

struct StartTimes {
  std::vector<double> collector_ms;
  std::vector<double> agent_ms;
};

// Makes the folder that of an agent of this collector, as an operator does: what `agents enroll`
// prints goes into a shell that finds the agent.
void join(const std::string& bin_dir, const std::string& collector_data, const std::string& grpc,
          const std::string& agent_data) {
  const Child shell({"/bin/sh", "-c",
                     R"(exec 2>&1; PATH=$1/agent:$PATH
                     command=$("$1/collector/firstbyte-collector" agents enroll --city Frankfurt \
                       --data-dir "$2" --collector "$3" --agent-data-dir "$4") && eval "$command")",
                     "sh", bin_dir, collector_data, grpc, agent_data});
  const std::string said = shell.output();
  if (!said.starts_with("joined as frankfurt ")) throw std::runtime_error("not joined: " + said);
}

// Fresh processes on free ports, each round on the same data folders: the collector's is made in
// the first, the agent's identity between its two starts, and its spool in its first. The others
// open them.
StartTimes measure_starts(const std::string& bin_dir, int rounds) {
  const std::filesystem::path data = environment("FIRSTBYTE_DEMO_DATA");
  const std::string collector_data = (data / "footprint-collector").string();
  const std::string agent_data = (data / "footprint-agent").string();
  StartTimes times;
  for (int i = 0; i < rounds; ++i) {
    const Clock::time_point start = Clock::now();
    const Child collector({bin_dir + "/collector/firstbyte-collector", "--http", "127.0.0.1:0",
                           "--grpc", "127.0.0.1:0", "--data-dir", collector_data});
    const std::string ready = collector.first_line();
    times.collector_ms.push_back(ms_since(start));

    const std::string grpc = ready.substr(ready.find("grpc=") + 5);
    if (i == 0) join(bin_dir, collector_data, grpc, agent_data);
    const Clock::time_point agent_start = Clock::now();
    const Child agent({bin_dir + "/agent/firstbyte-agent", "--collector", grpc, "--data-dir",
                       agent_data, "--ca-file", (data / "tls" / "ca.pem").string()});
    const std::string connected = agent.first_line();
    times.agent_ms.push_back(ms_since(agent_start));
    if (connected != "ready agent=frankfurt") {
      throw std::runtime_error("the agent is not ready: " + connected);
    }
  }
  return times;
}

int run(const std::string& bin_dir, int rounds, const std::string& json_file) {
  const json::value pids = json::parse(environment("FIRSTBYTE_PIDS"));
  // What start-up needed and will not need again has been given back by then.
  std::this_thread::sleep_for(std::chrono::seconds{2});
  std::vector<double> rss;
  std::vector<double> pss;
  for (const auto& [city, pid] : pids.at("agents").as_object()) {
    const Memory memory = memory_of(pid.to_number<std::int64_t>());
    rss.push_back(memory.rss_mb);
    pss.push_back(memory.pss_mb);
  }
  const Memory collector = memory_of(pids.at("collector").to_number<std::int64_t>());
  const StartTimes starts = measure_starts(bin_dir, rounds);

  Report report(fmt::format("footprint: {} agents connected and idle", rss.size()));
  report.add("agent RSS, largest", percentile(rss, 100), "MB", 24);
  report.add("agent PSS, largest", percentile(pss, 100), "MB", 6);
  report.add("agent PSS, median", percentile(pss, 50), "MB");
  report.add("collector RSS", collector.rss_mb, "MB", 50);
  report.add("collector PSS", collector.pss_mb, "MB");
  report.add("agent ready, median", percentile(starts.agent_ms, 50), "ms", 300);
  report.add("agent ready, slowest", percentile(starts.agent_ms, 100), "ms");
  report.add("collector ready, median", percentile(starts.collector_ms, 50), "ms", 300);
  report.add("collector ready, slowest", percentile(starts.collector_ms, 100), "ms");
  return report.finish(json_file);
}

}  // namespace
}  // namespace firstbyte::bench

int main(int argc, char** argv) {
  CLI::App app{"Memory of the idle, connected processes, and their time to be ready."};
  std::string bin_dir;
  std::string json_file;
  int rounds = 10;
  app.add_option("--bin-dir", bin_dir, "the build folder")->required();
  app.add_option("--rounds", rounds, "how many starts to time")->capture_default_str();
  app.add_option("--json", json_file, "write the figures to this file");
  CLI11_PARSE(app, argc, argv);
  try {
    return firstbyte::bench::run(bin_dir, rounds, json_file);
  } catch (const std::exception& error) {
    fmt::print(stderr, "footprint: {}\n", error.what());
    return 2;
  }
}
