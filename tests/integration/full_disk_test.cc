// The collector's data folder on a disk that is full, and has room again: a small tmpfs.

#include <gmock/gmock.h>
#include <sys/mount.h>

#include <fstream>

#include "common/sqlite.h"
#include "tests/fakes/collector_process.h"
#include "tests/fakes/collector_wait.h"
#include "tests/fakes/fake_agent.h"
#include "tests/fakes/fake_agent_stream.h"
#include "tests/fakes/net_namespace.h"
#include "tests/fakes/temp_dir.h"
#include "tests/unit/collector/api/raw_http_client.h"

namespace firstbyte {
namespace {

using collector::RawHttpClient;
using fakes::eventually;
using fakes::FakeAgentStream;
using testing::HasSubstr;

std::string answer(int http, const std::string& path) {
  RawHttpClient client(static_cast<std::uint16_t>(http));
  client.get(path);
  const RawHttpClient::Response response = client.read_response();
  return std::to_string(response.status()) + " " + response.body;
}

// Takes every byte that is left.
void fill(const std::filesystem::path& file) {
  std::ofstream stream(file, std::ios::binary);
  const std::string block(4096, 'x');
  while (stream.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
  }
}

Measurement bulky() {
  Measurement measurement;
  measurement.url = "https://a.example/";
  measurement.measured_at = WallTime{Micros{1'790'000'000'000'000}};
  measurement.timings = Timings::make({}, Micros{5'000}).value();
  measurement.headers = {{"bulk", std::string(4'000, 'x')}};
  return measurement;
}

// Regression: it exited, and somebody had to start it again once there was room.
TEST(FullDisk, ACollectorThatIsStartedWaitsForRoom) {
  const char* program = fakes::environment("FIRSTBYTE_COLLECTOR");
  if (program == nullptr) GTEST_SKIP() << "FIRSTBYTE_COLLECTOR does not say where the binary is";
  const bool possible = fakes::run_unshared("-rm", [&] {
    const fakes::TempDir folder;
    const std::filesystem::path disk = folder / "disk";
    std::filesystem::create_directory(disk);
    ASSERT_EQ(mount("none", disk.c_str(), "tmpfs", 0, "size=4m"), 0) << strerror(errno);
    const std::string data = (disk / "data").string();
    std::filesystem::create_directory(data);
    const std::vector<std::string> arguments{"--data-dir",  data,     "--http",
                                             "127.0.0.1:0", "--grpc", "127.0.0.1:0"};
    fill(disk / "ballast");
    fakes::Process impatient(program, arguments, folder.path());
    EXPECT_TRUE(eventually([&] {
      return impatient.err().find("the disk is full, waiting for room") != std::string::npos;
    }));
    impatient.signal(SIGTERM);
    EXPECT_EQ(impatient.wait(), 0);

    fakes::Process collector(program, arguments, folder.path());
    EXPECT_TRUE(eventually([&] { return !collector.err().empty(); }));
    EXPECT_EQ(collector.out(), "");
    std::filesystem::remove(disk / "ballast");
    EXPECT_TRUE(collector.prints("ready ")) << collector.err();
    EXPECT_EQ(answer(collector.number_after("http=127.0.0.1:"), "/-/ready"), "200 ready\n");
  });
  if (!possible) GTEST_SKIP() << fakes::kNoNamespaces;
}

TEST(FullDisk, TheCollectorStopsAcknowledgingSaysSoAndRecoversByItself) {
  const char* program = fakes::environment("FIRSTBYTE_COLLECTOR");
  if (program == nullptr) GTEST_SKIP() << "FIRSTBYTE_COLLECTOR does not say where the binary is";
  const bool possible = fakes::run_unshared("-rm", [&] {
    const fakes::TempDir folder;
    const std::filesystem::path disk = folder / "disk";
    std::filesystem::create_directory(disk);
    ASSERT_EQ(mount("none", disk.c_str(), "tmpfs", 0, "size=4m"), 0) << strerror(errno);
    const std::string data = (disk / "data").string();
    fakes::Process collector(
        program,
        {"--data-dir", data, "--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0", "--insecure"},
        folder.path());
    ASSERT_TRUE(collector.prints("ready ")) << collector.err();
    const int http = collector.number_after("http=127.0.0.1:");
    FakeAgentStream agent(collector.number_after("grpc=127.0.0.1:"));
    agent.hello(fakes::agent_in("tokyo"));
    ASSERT_TRUE(agent.is_welcome());
    agent.result(1, encode(bulky()));
    ASSERT_TRUE(agent.read_next(FakeAgentStream::Body::kAcknowledgement));
    EXPECT_EQ(answer(http, "/-/ready"), "200 ready\n");

    fill(disk / "ballast");
    for (std::uint64_t i = 2; i <= 40; ++i) agent.result(i, encode(bulky()));
    EXPECT_TRUE(eventually([&] { return answer(http, "/-/ready").starts_with("503 "); }));
    EXPECT_THAT(answer(http, "/-/ready"), HasSubstr("cannot write to " + data));
    EXPECT_THAT(answer(http, "/api/v1/agents"), HasSubstr("\"state\":\"connected\""));

    std::filesystem::remove(disk / "ballast");
    std::uint64_t acknowledged = 0;
    while (acknowledged < 40) {
      const auto message = agent.read_next(FakeAgentStream::Body::kAcknowledgement);
      ASSERT_TRUE(message) << "after " << acknowledged;
      acknowledged = message->acknowledgement().sequence();
    }
    EXPECT_EQ(answer(http, "/-/ready"), "200 ready\n");
    auto database = Database::open(data + "/firstbyte.db", Database::Access::kReadOnly).value();
    EXPECT_EQ(database.number("SELECT count(*) FROM result").value(), 40);
    EXPECT_EQ(database.number("SELECT count(*) FROM gap").value(), 0);
  });
  if (!possible) GTEST_SKIP() << fakes::kNoNamespaces;
}

}  // namespace
}  // namespace firstbyte
