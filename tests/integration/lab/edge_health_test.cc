// The real firstbyte-edge-health between a web server and a real BIRD.
#include <atomic>
#include <filesystem>

#include "tests/fakes/scripted_server.h"
#include "tests/integration/lab/wire_fixture.h"

namespace firstbyte::lab_test {
namespace {

using fakes::eventually;

constexpr const char* kBird = "/usr/sbin/bird";
constexpr std::string_view kBirdConfig =
    "router id 10.0.0.1;\n"
    "protocol device { }\n"
    "protocol static any4 { ipv4; route 198.51.100.0/24 blackhole; }\n"
    "protocol static any6 { ipv6; route 2001:db8:51::/48 blackhole; }\n";

// An edge: a web server, BIRD and the program that watches the one for the other.
class Edge {
 public:
  Edge() {
    fakes::ip("link set lo up");
    start_bird();
    health_.emplace(
        lab_program("firstbyte-edge-health"),
        std::vector<std::string>{"--address", "127.0.0.1:" + std::to_string(web_.port()), "--path",
                                 "/healthz", "--bird-socket", socket_, "--protocol", "any4",
                                 "--protocol", "any6", "--interval-ms", "20"},
        folder_.path());
    EXPECT_TRUE(health_->prints("ready")) << health_->err();
  }

  void start_bird() {
    bird_.reset();
    bird_.emplace(
        kBird, std::vector<std::string>{"-f", "-c", config_, "-s", socket_, "-P", folder_ / "pid"},
        folder_.path());
    EXPECT_TRUE(eventually([&] { return in_state("") == 2; })) << bird_->err();
  }
  void web_fails() { web_works_ = false; }
  void web_works() { web_works_ = true; }

  // Both routes.
  bool is_announced() const { return in_state(" up ") == 2; }
  bool is_withdrawn() const { return in_state(" down ") == 2; }
  fakes::Process& health() { return *health_; }

 private:
  // How many of the two protocols are; -1 when BIRD cannot be asked.
  int in_state(std::string_view state) const try {
    fakes::UnixClient bird(socket_);
    bird.line();
    int count = 0;
    std::string line = bird.ask("show protocols");
    for (; !line.empty() && !line.starts_with("0000 "); line = bird.line()) {
      const bool ours = line.find("any") != std::string::npos;
      if (ours && line.find(state) != std::string::npos) ++count;
    }
    return count;
  } catch (const std::system_error&) {
    return -1;
  }

  std::atomic<bool> web_works_ = true;
  const fakes::ScriptedServer web_{[this](fakes::ScriptedServer::Connection& connection) {
    connection.read_request();
    connection.send(web_works_ ? fakes::http_answer("200 OK", "", "ok")
                               : fakes::http_answer("503 Service Unavailable", "", ""));
  }};
  const fakes::TempDir folder_;
  const std::string config_ = folder_.write("bird.conf", std::string(kBirdConfig));
  const std::string socket_ = folder_ / "bird.ctl";
  std::optional<fakes::Process> bird_;
  std::optional<fakes::Process> health_;
};

void expect_withdrawal_and_return() {
  Edge edge;
  EXPECT_TRUE(eventually([&] { return edge.is_announced(); }));
  edge.web_fails();
  EXPECT_TRUE(eventually([&] { return edge.is_withdrawn(); }));
  EXPECT_TRUE(edge.health().prints("down reason=\"status 503\"\n"));
  edge.web_works();
  EXPECT_TRUE(eventually([&] { return edge.is_announced(); }));
  EXPECT_TRUE(edge.health().prints("up\n"));
  EXPECT_EQ(edge.health().out(), "ready\ndown reason=\"status 503\"\nup\n");
  EXPECT_EQ(edge.health().err(), "");
}

void expect_a_new_bird_to_be_told() {
  Edge edge;
  edge.web_fails();
  EXPECT_TRUE(eventually([&] { return edge.is_withdrawn(); }));
  edge.start_bird();
  EXPECT_TRUE(eventually([&] { return edge.is_withdrawn(); }));
}

void expect_an_end_at_once() {
  Edge edge;
  edge.health().signal(SIGTERM);
  EXPECT_EQ(edge.health().wait(), 0);
}

void run_beside_bird(const std::function<void()>& body) {
  if (!std::filesystem::exists(kBird))
    GTEST_SKIP() << "there is no " << kBird << " (package bird2)";
  if (!fakes::run_in_own_network(body)) GTEST_SKIP() << fakes::kNoNamespaces;
}

TEST(EdgeHealth, WithdrawsAnEdgeWhoseWebServerFailsAndBringsItBack) {
  run_beside_bird(expect_withdrawal_and_return);
}

TEST(EdgeHealth, TellsABirdThatWasStartedAnew) { run_beside_bird(expect_a_new_bird_to_be_told); }

TEST(EdgeHealth, EndsAtOnce) { run_beside_bird(expect_an_end_at_once); }

TEST(EdgeHealth, RefusesFlagsThatAreWrong) {
  const fakes::TempDir folder;
  fakes::Process health(
      lab_program("firstbyte-edge-health"),
      {"--address", "edge", "--path", "/", "--bird-socket", "x", "--protocol", "y"}, folder.path());
  EXPECT_EQ(health.wait(), 2);
  EXPECT_EQ(health.err(), "firstbyte-edge-health: --address: edge is not IP:PORT\n");
}

}  // namespace
}  // namespace firstbyte::lab_test
