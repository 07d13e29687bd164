// An agent whose disk is full: a small one, in mounts of the test's own.

#include <fcntl.h>
#include <unistd.h>

#include "tests/fakes/fake_collector.h"
#include "tests/fakes/net_namespace.h"
#include "tests/fakes/spool_measurements.h"
#include "tests/integration/stream_fixture.h"

namespace firstbyte::stream_test {
namespace {

// Two mebibytes, in a mount namespace that ends with this process.
class SmallDisk {
 public:
  explicit SmallDisk(const fakes::TempDir& folder) : path_(folder / "disk") {
    std::filesystem::create_directory(path_);
    const std::string line = "mount -t tmpfs -o size=2m tmpfs " + path_;
    if (std::system(line.c_str()) != 0) throw std::runtime_error(line);
  }

  std::string spool() const { return path_ + "/spool.db"; }
  void fill() const {
    const fakes::Socket file(
        open((path_ + "/other").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    const std::string page(4096, 'x');
    while (write(file.fd(), page.data(), page.size()) > 0) {
    }
  }
  void clear() const { std::filesystem::remove(path_ + "/other"); }

 private:
  std::string path_;
};

class FullDiskTest : public testing::Test {
 protected:
  std::optional<SpoolStatus> status() {
    const auto statuses = collector_.statuses();
    return statuses.empty() ? std::nullopt : std::optional(statuses.back());
  }

  fakes::TempDir folder_;
  fakes::FakeCollector collector_;
  fakes::CdnResults cdn_;
};

TEST_F(FullDiskTest, IsReportedAndOutlastedAndWhatFoundNoRoomIsAGap) {
  const bool allowed = fakes::run_unshared("-rm", [&] {
    const SmallDisk disk(folder_);
    Agent agent(collector_.port(), "tokyo", {.file = disk.spool(), .max_waiting_bytes = 100'000});
    for (int i = 0; i < 10; ++i) agent.deliver(cdn_.next(system_clock().wall()));
    agent.start();
    ASSERT_TRUE(eventually([&] { return collector_.count() == 10 && agent.spooled() == 0; }));

    disk.fill();
    constexpr int kMeasured = 3'000;
    for (int i = 0; i < kMeasured; ++i) agent.deliver(cdn_.next(system_clock().wall()));
    ASSERT_TRUE(eventually([&] { return status() && !status()->error.empty(); }));
    EXPECT_EQ(status()->error, "the spool cannot be written: database or disk is full");
    // What is not durable is not sent.
    const std::uint64_t boot = agent.spool().boot();
    EXPECT_EQ(collector_.results(boot).rbegin()->first, agent.spool().last_sequence(boot));
    EXPECT_LT(collector_.count(), kMeasured);

    disk.clear();
    ASSERT_TRUE(eventually([&] { return agent.spool().is_empty(); }, 20s));
    EXPECT_TRUE(eventually([&] { return status()->error.empty(); }));
    std::uint64_t next = 1;
    std::uint64_t lost = 0;
    const auto results = collector_.results(boot);
    for (const auto& [sequence, record] : results) {
      const std::uint64_t first = record.has_gap() ? record.gap().first_sequence() : sequence;
      ASSERT_EQ(first, next);
      next = sequence + 1;
      if (!record.has_gap()) continue;
      EXPECT_EQ(record.gap().reason(), v1::GAP_REASON_SPOOL_WRITE_FAILED);
      lost += sequence - first + 1;
    }
    EXPECT_EQ(next, kMeasured + 11);
    EXPECT_GT(lost, 0U);
    EXPECT_EQ(agent.spool().status().lost, lost);
  });
  if (!allowed) GTEST_SKIP() << fakes::kNoNamespaces;
}

TEST_F(FullDiskTest, DoesNotKeepASpoolFromBeingOpenedAndSent) {
  const bool allowed = fakes::run_unshared("-rm", [&] {
    const SmallDisk disk(folder_);
    std::uint64_t boot = 0;
    {
      Agent agent(collector_.port(), "tokyo", {.file = disk.spool()});
      for (int i = 0; i < 10; ++i) agent.deliver(cdn_.next(system_clock().wall()));
      ASSERT_TRUE(agent.spool().flush(10s));
      boot = agent.spool().boot();
    }
    disk.fill();
    Agent agent(collector_.port(), "tokyo", {.file = disk.spool()});
    EXPECT_EQ(agent.spool().boot(), boot);
    agent.start();
    EXPECT_TRUE(eventually([&] { return collector_.count() == 10; }));
    EXPECT_EQ(status()->set_aside_at, std::nullopt);
  });
  if (!allowed) GTEST_SKIP() << fakes::kNoNamespaces;
}

// Regression: an agent that had no spool yet did not start.
TEST_F(FullDiskTest, DoesNotKeepAnAgentFromItsFirstStart) {
  const bool allowed = fakes::run_unshared("-rm", [&] {
    const SmallDisk disk(folder_);
    disk.fill();
    Agent agent(collector_.port(), "tokyo", {.file = disk.spool(), .max_waiting_bytes = 100'000});
    agent.start();
    ASSERT_TRUE(eventually([&] { return status() && !status()->error.empty(); }));
    EXPECT_EQ(status()->error, "the spool cannot be written: database or disk is full");
    EXPECT_EQ(agent.spool().boot(), 0U);
    constexpr int kMeasured = 1'000;
    for (int i = 0; i < kMeasured; ++i) agent.deliver(cdn_.next(system_clock().wall()));
    EXPECT_EQ(collector_.count(), 0U);

    disk.clear();
    ASSERT_TRUE(
        eventually([&] { return collector_.count() > 0 && agent.spool().is_empty(); }, 20s));
    const std::uint64_t boot = agent.spool().boot();
    EXPECT_NE(boot, 0U);
    EXPECT_EQ(agent.spool().last_sequence(boot), kMeasured);
    const auto first = collector_.results(boot).begin()->second;
    EXPECT_EQ(first.gap().reason(), v1::GAP_REASON_SPOOL_WRITE_FAILED);
    EXPECT_EQ(collector_.results(boot).size(), kMeasured - first.sequence() + 1);
    EXPECT_TRUE(eventually([&] { return status()->error.empty(); }));
    EXPECT_EQ(status()->set_aside_at, std::nullopt);
  });
  if (!allowed) GTEST_SKIP() << fakes::kNoNamespaces;
}

}  // namespace
}  // namespace firstbyte::stream_test
