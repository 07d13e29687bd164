// The agent's process: what is left of its results when it is killed, and how it ends when it is
// asked to.

#include <algorithm>
#include <fstream>
#include <random>
#include <set>
#include <string>

#include "tests/fakes/collector_process.h"
#include "tests/fakes/fake_collector.h"
#include "tests/fakes/scripted_server.h"
#include "tests/integration/stream_fixture.h"

namespace firstbyte::stream_test {
namespace {

using fakes::FakeCollector;
using fakes::Process;
using testing::IsEmpty;

class AgentProcess : public testing::Test {
 protected:
  void SetUp() override {
    if (fakes::environment("FIRSTBYTE_AGENT") == nullptr) {
      GTEST_SKIP() << "FIRSTBYTE_AGENT does not say where the binary is";
    }
    std::filesystem::create_directory(data());
  }

  std::string data() const { return folder_ / "data"; }
  std::string spool() const { return data() + "/spool.db"; }
  std::unique_ptr<Process> agent(std::vector<std::string> more = {}) {
    std::vector<std::string> flags{
        "--insecure", "--collector", fmt::format("127.0.0.1:{}", collector_.port()),
        "--city",     "Tokyo",       "--data-dir",
        data()};
    flags.insert(flags.end(), more.begin(), more.end());
    return std::make_unique<Process>(fakes::environment("FIRSTBYTE_AGENT"), std::move(flags),
                                     folder_.path());
  }
  // Ends at once, as it may not probe this network.
  void order_some(int count) {
    for (int i = 0; i < count; ++i) {
      collector_.order(fmt::format("t{:012}", ++ordered_), "http://127.0.0.1:80/");
    }
  }
  // What has come, by test; each one only once.
  std::set<std::string> tests() {
    std::set<std::string> tests;
    const auto boots = collector_.results();
    for (const auto& [boot, results] : boots) {
      for (const auto& [sequence, record] : results) {
        EXPECT_TRUE(tests.insert(record.measurement().test_id()).second)
            << record.measurement().test_id() << " came under two numbers";
      }
    }
    return tests;
  }

  fakes::TempDir folder_;
  FakeCollector collector_;
  int ordered_ = 0;
};

TEST_F(AgentProcess, KilledAgainAndAgainLosesNothingThatWasCommittedAndUsesNoNumberTwice) {
  std::mt19937_64 random(12);
  const auto up_to = [&](int most) {
    return std::chrono::milliseconds(std::uniform_int_distribution<int>(0, most)(random));
  };
  // Acknowledges some, so that killing meets every state of a spool.
  collector_.acknowledge(
      [choose = std::mt19937_64(7)](std::uint64_t last) mutable -> std::optional<std::uint64_t> {
        if (choose() % 3 == 0) return std::nullopt;
        return last - std::min<std::uint64_t>(last, choose() % 20);
      });
  constexpr int kRounds = 25;
  for (int round = 0; round < kRounds; ++round) {
    const auto process = agent();
    ASSERT_TRUE(process->prints("ready ")) << process->err();
    for (int i = 0; i < 4; ++i) {
      order_some(25);
      std::this_thread::sleep_for(up_to(20));
    }
    process->signal(SIGKILL);
    ASSERT_EQ(process->wait(), -SIGKILL);
    ASSERT_TRUE(eventually([&] { return !collector_.is_connected(); }));
  }
  collector_.acknowledge(nullptr);
  const auto last = agent();
  ASSERT_TRUE(last->prints("ready ")) << last->err();
  order_some(1);
  const std::string final_test = fmt::format("t{:012}", ordered_);
  EXPECT_TRUE(eventually([&] { return tests().contains(final_test); }));
  last->signal(SIGTERM);
  EXPECT_EQ(last->wait(), 0) << last->err();

  const auto boots = collector_.results();
  ASSERT_EQ(boots.size(), 1U);
  const auto& results = boots.begin()->second;
  EXPECT_THAT(collector_.contradictions(), IsEmpty());
  // Without holes: whatever was numbered has come.
  const auto opened = agent::SpoolFile::open(spool(), {}).value();
  EXPECT_EQ(opened->state().last_sequence, results.size());
  EXPECT_EQ(results.rbegin()->first, results.size());
  EXPECT_EQ(opened->state().results, 0U);
  EXPECT_EQ(opened->state().lost, 0U);
  // That was worth it: there was something to lose in each round.
  EXPECT_GT(results.size(), static_cast<std::size_t>(kRounds));
  for (const auto& entry : std::filesystem::directory_iterator(data())) {
    EXPECT_THAT(entry.path().filename().string(), testing::Not(HasSubstr("spool.2")));
  }
}

TEST_F(AgentProcess, DeliversWhatItMeasuredWhileTheCollectorWasAway) {
  const auto process = agent();
  ASSERT_TRUE(process->prints("ready ")) << process->err();
  collector_.acknowledge([](std::uint64_t) { return std::nullopt; });
  order_some(50);
  ASSERT_TRUE(eventually([&] { return tests().size() == 50; }));
  collector_.stop();
  process->signal(SIGTERM);
  EXPECT_EQ(process->wait(), 0) << process->err();
  EXPECT_EQ(agent::SpoolFile::open(spool(), {}).value()->state().results, 50U);

  collector_.acknowledge(nullptr);
  collector_.say_committed([](std::uint64_t) { return 20; });
  collector_.listen();
  const auto again = agent();
  EXPECT_TRUE(eventually([&] { return collector_.arrivals().size() == 80; })) << again->err();
  EXPECT_THAT(collector_.contradictions(), IsEmpty());
}

// ---- the first probe

// Kilobytes of the code of libcurl that the process has in memory, as far as it was run.
int resident_libcurl(pid_t pid) {
  std::ifstream maps(fmt::format("/proc/{}/smaps", pid));
  bool is_its_code = false;
  int kilobytes = 0;
  for (std::string line; std::getline(maps, line);) {
    if (line.contains(" r-xp ")) is_its_code = line.contains("/libcurl");
    if (is_its_code && line.starts_with("Rss:")) {
      kilobytes += std::stoi(line.substr(sizeof "Rss:"));
      is_its_code = false;
    }
  }
  return kilobytes;
}

// Regression: the start's pages were given back, those that probes need among them, and nothing had
// been run that probes run: the first one paid for both.
TEST_F(AgentProcess, HasRunWhatTheFirstProbeNeeds) {
  constexpr int kEnough = 200;  // without: none
  const auto process = agent();
  ASSERT_TRUE(process->prints("ready ")) << process->err();
  std::this_thread::sleep_for(200ms);  // what is given back is given back then
  EXPECT_TRUE(eventually([&] { return resident_libcurl(process->pid()) > kEnough; }));
}

// ---- ending

TEST_F(AgentProcess, ToldToEndItFinishesWhatRunsAndDeliversIt) {
  fakes::ScriptedServer server([](auto& connection) {
    connection.read_request();
    connection.pause(600ms);
    connection.send(fakes::http_answer("200 OK", "", "ok"));
  });
  const auto process =
      agent({"--allow-network", "127.0.0.0/8", "--allow-port", std::to_string(server.port())});
  ASSERT_TRUE(process->prints("ready ")) << process->err();
  collector_.order("slow", fmt::format("http://127.0.0.1:{}/", server.port()));
  ASSERT_TRUE(eventually([&] { return server.connections() == 1; }));
  process->signal(SIGTERM);
  ASSERT_TRUE(eventually([&] { return process->err().contains("ending"); }));
  collector_.order("late", fmt::format("http://127.0.0.1:{}/", server.port()));
  EXPECT_EQ(process->wait(), 0) << process->err();

  const auto results = collector_.results().begin()->second;
  ASSERT_EQ(results.size(), 2U);
  const Measurement late = decode(results.at(1).measurement()).value();
  EXPECT_EQ(late.test_id, "late");
  EXPECT_EQ(late.failure.value().origin, Origin::kAgent);
  EXPECT_EQ(late.failure.value().cause, Cause::kCancelled);
  EXPECT_EQ(late.failure.value().message, "the agent is shutting down");
  const Measurement slow = decode(results.at(2).measurement()).value();
  EXPECT_EQ(slow.test_id, "slow");
  EXPECT_EQ(slow.status, 200);
  EXPECT_EQ(collector_.goodbyes(), 1);
}

TEST_F(AgentProcess, WhatStillRunsAfterTheDrainTimeoutIsCancelledAndDelivered) {
  fakes::ScriptedServer server([](auto& connection) {
    connection.read_request();
    connection.pause(20s);
  });
  const auto process = agent({"--allow-network", "127.0.0.0/8", "--allow-port",
                              std::to_string(server.port()), "--drain-timeout", "1"});
  ASSERT_TRUE(process->prints("ready ")) << process->err();
  collector_.order("slow", fmt::format("http://127.0.0.1:{}/", server.port()));
  ASSERT_TRUE(eventually([&] { return server.connections() == 1; }));
  const auto begun = std::chrono::steady_clock::now();
  process->signal(SIGINT);
  EXPECT_EQ(process->wait(), 0) << process->err();
  EXPECT_GE(std::chrono::steady_clock::now() - begun, 1s);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 4s);
  const auto results = collector_.results().begin()->second;
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(decode(results.at(1).measurement()).value().failure.value().cause, Cause::kCancelled);
}

TEST_F(AgentProcess, ASecondSignalEndsItAtOnce) {
  fakes::ScriptedServer server([](auto& connection) {
    connection.read_request();
    connection.pause(20s);
  });
  const auto process =
      agent({"--allow-network", "127.0.0.0/8", "--allow-port", std::to_string(server.port())});
  ASSERT_TRUE(process->prints("ready ")) << process->err();
  collector_.order("slow", fmt::format("http://127.0.0.1:{}/", server.port()));
  ASSERT_TRUE(eventually([&] { return server.connections() == 1; }));
  process->signal(SIGTERM);
  ASSERT_TRUE(eventually([&] { return process->err().contains("ending"); }));
  process->signal(SIGTERM);
  EXPECT_EQ(process->wait(2s), 128 + SIGTERM);
}

// ---- what lies in the folder

TEST_F(AgentProcess, ASpoolThatIsNoneIsPutAsideAndReported) {
  folder_.write("data/spool.db", "this is not a spool");
  const auto process = agent();
  ASSERT_TRUE(process->prints("ready ")) << process->err();
  EXPECT_THAT(process->err(), HasSubstr("cannot be used: file is not a database; it is put aside"));
  ASSERT_TRUE(eventually([&] { return !collector_.statuses().empty(); }));
  EXPECT_TRUE(collector_.statuses().front().set_aside_at);
  order_some(1);
  EXPECT_TRUE(eventually([&] { return tests().size() == 1; }));
}

TEST_F(AgentProcess, WithoutAFolderItSaysThatResultsMayBeLost) {
  Process process(fakes::environment("FIRSTBYTE_AGENT"),
                  {"--insecure", "--collector", fmt::format("127.0.0.1:{}", collector_.port()),
                   "--city", "Tokyo"},
                  folder_.path());
  ASSERT_TRUE(process.prints("ready ")) << process.err();
  EXPECT_THAT(process.err(), HasSubstr("without --data-dir, results"));
  order_some(3);
  EXPECT_TRUE(eventually([&] { return tests().size() == 3; }));
}

}  // namespace
}  // namespace firstbyte::stream_test
