// The real agent on a machine whose wall clock is wrong, and then is not.

#include <gmock/gmock.h>

#include <cstdint>
#include <fstream>

#include "tests/integration/binaries_fixture.h"

namespace firstbyte {
namespace {

using fakes::eventually;
using fakes::Process;
using testing::HasSubstr;

class WrongClockTest : public BinariesFixture {
 protected:
  void SetUp() override {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "what is preloaded cannot be under a sanitizer";
#endif
    BinariesFixture::SetUp();
    if (IsSkipped()) return;
    if (fakes::environment("FIRSTBYTE_LAB_PROGRAMS") == nullptr) {
      GTEST_SKIP() << "FIRSTBYTE_LAB_PROGRAMS does not say where the lab's programs are";
    }
    collector_ = run("FIRSTBYTE_COLLECTOR",
                     {"--data-dir", data(), "--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0"});
    ASSERT_TRUE(collector_->prints("ready ")) << collector_->err();
    const auto enrolled =
        run("FIRSTBYTE_COLLECTOR", {"agents", "enroll", "--city", "Frankfurt", "--data-dir", data(),
                                    "--agent-data-dir", agent_data()});
    ASSERT_EQ(enrolled->wait(), 0) << enrolled->err();
    const auto programs =
        std::filesystem::path(fakes::environment("FIRSTBYTE_AGENT")).parent_path();
    Process joined("/bin/sh", {"-c", "PATH=" + programs.string() + ":$PATH; " + enrolled->out()},
                   folder_.path());
    ASSERT_EQ(joined.wait(), 0) << joined.err();
  }

  std::string agent_data() const { return folder_ / "agent"; }
  // The agent's clock goes so far ahead of the machine's; negative: behind it.
  void set_clock(std::chrono::nanoseconds ahead) const {
    const std::int64_t offset = ahead.count();
    std::fstream file(clock_, std::ios::binary | std::ios::in | std::ios::out);
    file.write(reinterpret_cast<const char*>(&offset), sizeof offset);
  }
  std::unique_ptr<Process> start_agent() const {
    const std::string library = fakes::environment("FIRSTBYTE_LAB_PROGRAMS");
    return std::make_unique<Process>(
        "/usr/bin/env",
        std::vector<std::string>{"LD_PRELOAD=" + library + "/firstbyte-clock.so",
                                 "FIRSTBYTE_CLOCK_FILE=" + clock_,
                                 fakes::environment("FIRSTBYTE_AGENT"), "--data-dir", agent_data()},
        folder_.path());
  }
  // An agent that is started with it says so, waits, and connects as soon as it is right.
  void expect_return(std::chrono::nanoseconds ahead, const std::string& sentence) {
    set_clock(ahead);
    const auto agent = start_agent();
    EXPECT_TRUE(eventually([&] {
      return agent->err().find("no connection to the collector") != std::string::npos;
    })) << agent->err();
    EXPECT_THAT(agent->err(), HasSubstr(sentence));
    set_clock({});
    EXPECT_TRUE(agent->prints("ready agent=frankfurt")) << agent->err();
  }

  const std::string clock_ = folder_.write("clock", std::string(sizeof(std::int64_t), '\0'));
  std::unique_ptr<Process> collector_;
};

// Regression: both ended the agent, the first with the status after which it is not started again.
TEST_F(WrongClockTest, AnAgentPastItsCertificatesEndReturnsWhenTheClockIsRight) {
  expect_return(std::chrono::days{100}, "unless that is wrong, have it enrolled again");
}

TEST_F(WrongClockTest, AnAgentBeforeItsCertificatesBeginReturnsWhenTheClockIsRight) {
  expect_return(-std::chrono::days{1}, "and this machine's clock says ");
}

}  // namespace
}  // namespace firstbyte
