// Checks from the assignment to the stored slot: the agent's binary, the collector's gateway and
// the real store. Every slot of the time is stored once, or told as skipped.

#include <thread>

#include "collector/checks/check_plan.h"
#include "tests/fakes/collector_process.h"
#include "tests/fakes/scripted_server.h"
#include "tests/integration/stream_fixture.h"

namespace firstbyte::stream_test {
namespace {

constexpr Micros kInterval{200'000};

class ChecksTest : public testing::Test {
 protected:
  void SetUp() override {
    if (fakes::environment("FIRSTBYTE_AGENT") == nullptr) {
      GTEST_SKIP() << "FIRSTBYTE_AGENT does not say where the binary is";
    }
  }
  ~ChecksTest() override {
    agent_.reset();
    collector_.stop();
    store_ = nullptr;  // its last callbacks still find the collector
  }

  void start_agent() {
    agent_ = std::make_unique<fakes::Process>(
        fakes::environment("FIRSTBYTE_AGENT"),
        std::vector<std::string>{"--insecure", "--collector", collector_.address(), "--city",
                                 "Tokyo", "--data-dir", folder_ / "agent", "--allow-network",
                                 "127.0.0.0/8", "--allow-port", std::to_string(server_.port())},
        folder_.path());
  }
  void kill_agent() {
    agent_->signal(SIGKILL);
    EXPECT_EQ(agent_->wait(), -SIGKILL);
  }

  std::int64_t number(const std::string& sql) {
    return Database::open(folder_ / "firstbyte.db", Database::Access::kReadOnly)
        .value()
        .number(sql.c_str())
        .value();
  }
  std::int64_t stored() {
    return number("SELECT count(*) FROM result WHERE assignment_id IS NOT NULL");
  }
  bool wait_for(std::int64_t results) {
    return eventually([&] { return stored() >= results; }, 30s);
  }
  // All that was measured until now is here.
  bool wait_for_the_present() {
    const WallTime now = system_clock().wall();
    return eventually(
        [&] {
          return WallTime{Micros{number("SELECT ifnull(max(scheduled_at_us), 0) FROM result")}} >
                 now;
        },
        30s);
  }
  // From each slot that is stored to the next that is stored there are as many as were skipped.
  void expect_every_slot() {
    EXPECT_EQ(number(fmt::format(
                  "SELECT count(*) FROM (SELECT skipped, clock_set, scheduled_at_us - "
                  "  lag(scheduled_at_us) OVER (ORDER BY sequence) AS distance FROM result) "
                  "WHERE distance <> (skipped + 1) * {} OR clock_set OR skipped IS NULL",
                  kInterval.count())),
              0);
    EXPECT_EQ(number("SELECT count(DISTINCT boot) FROM result"), 1);
    EXPECT_EQ(number("SELECT count(*) FROM gap"), 0);
    const auto records = store_->check_records().value();
    ASSERT_THAT(records, SizeIs(1));
    EXPECT_EQ(records[0].agent.id, "tokyo");
    EXPECT_GE(static_cast<std::int64_t>(records[0].stored), stored() - 1);
  }

  fakes::TempDir folder_;
  fakes::ScriptedServer server_{[](auto& connection) {
    connection.read_request();
    connection.send(fakes::http_answer("200 OK", "", "ok"));
  }};
  const collector::CheckPlan plan_ = [this] {
    collector::ConfiguredTarget target;
    target.check.name = "front";
    target.check.target.url = fmt::format("http://127.0.0.1:{}/", server_.port());
    target.check.target.timeout = kInterval;
    target.check.interval = kInterval;
    target.check.id = collector::check_id(target.check);
    return collector::CheckPlan({target});
  }();
  std::unique_ptr<SqliteStore> store_ = SqliteStore::open(folder_.path()).value();
  Collector collector_{*store_, system_clock(), {.address = {}, .checks = &plan_}};
  std::unique_ptr<fakes::Process> agent_;
};

TEST_F(ChecksTest, AnAgentProbesWhatItIsAssigned) {
  start_agent();
  ASSERT_TRUE(wait_for(5));
  expect_every_slot();
  EXPECT_EQ(number("SELECT count(*) FROM result WHERE test_id IS NOT NULL OR late_us < 0"), 0);
  EXPECT_GT(number("SELECT count(*) FROM result WHERE status = 200"), 0);
}

TEST_F(ChecksTest, AnAgentGoesOnWhileTheCollectorIsAway) {
  start_agent();
  ASSERT_TRUE(wait_for(3));
  const std::int64_t before = stored();
  collector_.stop_gateway();
  std::this_thread::sleep_for(3s);
  EXPECT_LE(stored(), before + 3);  // those on their way
  collector_.listen();
  ASSERT_TRUE(wait_for_the_present());
  EXPECT_GE(number("SELECT count(*) + sum(skipped) FROM result"), before + 3s / kInterval);
  expect_every_slot();
}

TEST_F(ChecksTest, AnAgentThatWasKilledTellsWhatItMissedAndProbesByWhatItKept) {
  start_agent();
  ASSERT_TRUE(wait_for(3));
  collector_.stop_gateway();
  kill_agent();
  std::this_thread::sleep_for(1s);
  const auto asked = server_.connections();
  start_agent();
  ASSERT_TRUE(eventually([&] { return server_.connections() >= asked + 3; }));
  collector_.listen();
  ASSERT_TRUE(wait_for_the_present());
  EXPECT_GE(number("SELECT sum(skipped) FROM result"), 4);
  expect_every_slot();
}

TEST_F(ChecksTest, AnAgentThatStoodStillTellsWhatItMissed) {
  start_agent();
  ASSERT_TRUE(wait_for(3));
  agent_->signal(SIGSTOP);
  std::this_thread::sleep_for(1s);
  agent_->signal(SIGCONT);
  ASSERT_TRUE(wait_for_the_present());
  EXPECT_GE(number("SELECT sum(skipped) FROM result"), 3);
  expect_every_slot();
}

// ---- who is told what

TEST_F(ChecksTest, AnAgentIsToldWhatItIsAssignedAfterItsWelcome) {
  FakeAgentStream agent(collector_.port());
  agent.hello(agent_in("tokyo"), 1);
  ASSERT_TRUE(agent.is_welcome());
  const auto message = agent.read_next(FakeAgentStream::Body::kAssignment);
  ASSERT_TRUE(message);
  EXPECT_EQ(decode(message->assignment()), plan_.of(agent_in("tokyo")));
  // It is on record by then.
  EXPECT_EQ(number("SELECT count(*) FROM assignment WHERE agent_id = 'tokyo'"), 1);
}

// Regression: while the disk was full each stream that had ended was kept, with all it was to send.
TEST_F(StreamPaceTest, AnAssignmentThatWaitsForTheDiskKeepsNoStream) {
  collector::ConfiguredTarget target;
  target.check = {.name = "front", .target = {.url = "https://a.example/"}, .interval = 1s};
  const collector::CheckPlan plan({target});
  Collector collector(store_, clock_, {.address = {}, .checks = &plan});
  store_.hold_writes("the disk is full");
  FakeAgentStream agent(collector.port());
  agent.hello(agent_in("tokyo"));
  ASSERT_TRUE(agent.is_welcome());
  agent.hang_up();
  ASSERT_TRUE(eventually([&] { return !collector.knows("tokyo"); }));
  // It waits for streams that are left.
  const auto begun = std::chrono::steady_clock::now();
  collector.stop_gateway();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 1s);
  store_.release_writes();
  EXPECT_THAT(store_.check_records().value(), SizeIs(1));
}

// ---- the collector's binary

TEST(TargetsFlag, IsReadWithTheConfiguration) {
  const char* collector = fakes::environment("FIRSTBYTE_COLLECTOR");
  if (collector == nullptr) GTEST_SKIP() << "FIRSTBYTE_COLLECTOR does not say where the binary is";
  const fakes::TempDir folder;
  const std::string file = folder.write(
      "targets.yaml", "targets:\n  - name: front\n    url: https://a.example/\n    interval: 1s\n");
  const auto check = [&] {
    return std::make_unique<fakes::Process>(
        collector,
        std::vector<std::string>{"--data-dir", folder / "data", "--targets", file,
                                 "--check-config"},
        folder.path());
  };
  EXPECT_EQ(check()->wait(), 0);
  folder.write("targets.yaml", "targets:\n  - name: front\n    every: 1s\n");
  EXPECT_EQ(fakes::refusal(*check()),
            "firstbyte-collector: --targets: targets.yaml:2: interval: is missing\n");
  EXPECT_FALSE(std::filesystem::exists(folder / "data"));
}

}  // namespace
}  // namespace firstbyte::stream_test
