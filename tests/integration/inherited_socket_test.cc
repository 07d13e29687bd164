// The collector binary on a socket that somebody else made, as systemd or a lab starts it.

#include <gmock/gmock.h>

#include <filesystem>

#include "tests/fakes/collector_golden.h"
#include "tests/fakes/collector_process.h"
#include "tests/fakes/socket.h"
#include "tests/fakes/temp_dir.h"
#include "tests/unit/collector/api/raw_http_client.h"

namespace firstbyte {
namespace {

using collector::RawHttpClient;
using fakes::Process;
using fakes::refusal;
using fakes::Socket;

class InheritedSocketBinaryTest : public testing::Test {
 protected:
  void SetUp() override {
    if (fakes::environment("FIRSTBYTE_COLLECTOR") == nullptr)
      GTEST_SKIP() << "FIRSTBYTE_COLLECTOR does not say where the binary is";
  }

  // The shell becomes the collector, so its process id is the collector's.
  std::unique_ptr<Process> collector(const Socket& socket, const std::string& variables,
                                     std::vector<std::string> flags) {
    flags.insert(flags.begin(), {"-c", "export " + variables + R"(; exec "$0" "$@")",
                                 fakes::environment("FIRSTBYTE_COLLECTOR"), "--data-dir", data(),
                                 "--grpc", "127.0.0.1:0", "--insecure"});
    return std::make_unique<Process>("/bin/sh", std::move(flags), folder_.path(), socket.fd());
  }
  std::unique_ptr<Process> collector(const Socket& socket, std::vector<std::string> flags = {}) {
    return collector(socket, "LISTEN_FDS=1 LISTEN_PID=$$", std::move(flags));
  }

  std::string data() const { return folder_ / "data"; }

  // One sentence, before anything is stored.
  void expect_refusal(Process& process, const std::string& sentence) {
    EXPECT_EQ(refusal(process), "firstbyte-collector: " + sentence + "\n");
    EXPECT_FALSE(std::filesystem::exists(data()));
  }

  static int health(std::uint16_t port) {
    RawHttpClient client(port);
    client.get("/-/healthy");
    return client.read_response().status();
  }

  fakes::TempDir folder_;
};

TEST_F(InheritedSocketBinaryTest, IsServedAndNamedInTheReadyLine) {
  const Socket socket = Socket::listening();
  const auto process = collector(socket);
  ASSERT_TRUE(process->prints("\n")) << process->err();
  EXPECT_THAT(
      process->out(),
      testing::StartsWith("ready http=127.0.0.1:" + std::to_string(socket.port()) + " grpc="));
  EXPECT_EQ(health(socket.port()), 200);
}

TEST_F(InheritedSocketBinaryTest, OutlivesTheCollectorForTheNextOne) {
  const Socket socket = Socket::listening();
  const auto first = collector(socket);
  ASSERT_TRUE(first->prints("ready ")) << first->err();
  first->signal(SIGTERM);
  ASSERT_EQ(first->wait(), 0);
  RawHttpClient between(socket.port());
  between.get("/-/healthy");
  const auto second = collector(socket);
  EXPECT_EQ(between.read_response().status(), 200);
}

TEST_F(InheritedSocketBinaryTest, OfAnotherProcessIsIgnored) {
  const Socket socket = Socket::bound(SOCK_DGRAM);
  const auto process = collector(socket, "LISTEN_FDS=2 LISTEN_PID=1", {"--http", "127.0.0.1:0"});
  ASSERT_TRUE(process->prints("ready ")) << process->err();
  EXPECT_EQ(health(static_cast<std::uint16_t>(process->number_after("http=127.0.0.1:"))), 200);
}

TEST_F(InheritedSocketBinaryTest, PassesTheConfigurationCheck) {
  const auto process = collector(Socket::listening(), {"--check-config"});
  EXPECT_EQ(process->wait(), 0);
  EXPECT_EQ(process->out() + process->err(), "");
  EXPECT_FALSE(std::filesystem::exists(data()));
}

TEST_F(InheritedSocketBinaryTest, OfTheWrongKindFailsTheConfigurationCheck) {
  expect_refusal(*collector(Socket::bound(SOCK_STREAM), {"--check-config"}),
                 "LISTEN_FDS: descriptor 3 must be a listening TCP socket, and is not listening");
}

TEST_F(InheritedSocketBinaryTest, OfTheWrongKindIsNamed) {
  expect_refusal(
      *collector(Socket::bound(SOCK_DGRAM)),
      "LISTEN_FDS: descriptor 3 must be a listening TCP socket, and is not a stream socket");
  expect_refusal(*collector(Socket::bound(SOCK_STREAM)),
                 "LISTEN_FDS: descriptor 3 must be a listening TCP socket, and is not listening");
}

TEST_F(InheritedSocketBinaryTest, ThatIsNotOneIsNamed) {
  const Socket socket = Socket::listening();
  expect_refusal(*collector(socket, "LISTEN_FDS=2 LISTEN_PID=$$", {}),
                 "LISTEN_FDS: exactly one socket is wanted, not 2");
  expect_refusal(*collector(socket, "LISTEN_FDS=0 LISTEN_PID=$$", {}),
                 "LISTEN_FDS: exactly one socket is wanted, not 0");
  expect_refusal(*collector(socket, "LISTEN_FDS=one LISTEN_PID=$$", {}),
                 "LISTEN_FDS: one is not a number of sockets");
}

TEST_F(InheritedSocketBinaryTest, DoesNotSilentlyOverruleAnAddressThatWasGiven) {
  expect_refusal(
      *collector(Socket::listening(), {"--http", "127.0.0.1:0"}),
      "--http: LISTEN_FDS passes a socket in, so this address would not be used; give only one");
}

}  // namespace
}  // namespace firstbyte
