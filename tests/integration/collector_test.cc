// The real binaries as an operator starts and stops them.

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <map>
#include <regex>
#include <sstream>

#include "collector/store/sqlite_store.h"
#include "common/sqlite.h"
#include "tests/fakes/collector_wait.h"
#include "tests/fakes/fake_agent.h"
#include "tests/integration/binaries_fixture.h"
#include "tests/unit/collector/api/raw_http_client.h"

namespace firstbyte {
namespace {

namespace json = boost::json;
using collector::RawHttpClient;
using fakes::eventually;
using fakes::Process;
using fakes::refusal;
using testing::HasSubstr;
using testing::StartsWith;
using namespace std::chrono_literals;

// Listens on a free port of the loopback and never says a word.
class MuteServer {
 public:
  MuteServer() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(socket_, 64), 0);
    EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~MuteServer() { close(); }
  MuteServer(const MuteServer&) = delete;
  MuteServer& operator=(const MuteServer&) = delete;

  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }
  // Waits until somebody has connected.
  bool has_caller() const {
    pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
    return ::poll(&waiting, 1, 10'000) == 1;
  }
  std::string address() const { return "127.0.0.1:" + port(); }
  std::string port() const { return std::to_string(port_); }

 private:
  int socket_;
  int port_ = 0;
};

class CollectorBinaryTest : public BinariesFixture {
 protected:
  std::unique_ptr<Process> collector(const std::string& http = "127.0.0.1:0",
                                     const std::string& grpc = "127.0.0.1:0") {
    return run_collector({"--data-dir", data(), "--http", http, "--grpc", grpc, "--insecure"});
  }
  std::unique_ptr<Process> run_collector(std::vector<std::string> flags) {
    return run("FIRSTBYTE_COLLECTOR", std::move(flags));
  }
  // Started, and ready.
  std::unique_ptr<Process> ready_collector() {
    auto process = collector();
    EXPECT_TRUE(process->prints("ready ")) << process->err();
    return process;
  }
  std::unique_ptr<Process> agent(const std::string& collector, const std::string& city,
                                 std::vector<std::string> more = {}) {
    std::vector<std::string> flags{"--insecure", "--collector",     collector,    "--city",
                                   city,         "--allow-network", "127.0.0.0/8"};
    flags.insert(flags.end(), more.begin(), more.end());
    return run("FIRSTBYTE_AGENT", std::move(flags));
  }

  static RawHttpClient::Response get(const Process& collector, const std::string& path) {
    RawHttpClient client(http_port(collector));
    client.get(path);
    return client.read_response();
  }
  static RawHttpClient::Response post_test(const Process& collector, const std::string& body) {
    RawHttpClient client(http_port(collector));
    client.send(
        "POST /api/v1/tests HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        "Content-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body);
    return client.read_response();
  }
  // How each city of a test stands, by agent.
  static std::map<std::string, std::string> states(const Process& collector,
                                                   const std::string& id) {
    std::map<std::string, std::string> states;
    const json::value test = json::parse(get(collector, "/api/v1/tests/" + id).body);
    for (const json::value& city : test.at("cities").as_array()) {
      states[std::string(city.at("agent_id").as_string())] = city.at("state").as_string();
    }
    return states;
  }
};

// ---- start-up errors: one sentence that names the flag

// Regression: a program that could not be started had the number -1, and the signal that was to end
// it reached every process there was.
TEST_F(CollectorBinaryTest, AProgramThatIsNotThereIsNoProcess) {
  EXPECT_THROW(Process("/nonexistent/program", {}, folder_.path()), std::system_error);
}

TEST_F(CollectorBinaryTest, AnHttpPortInUseIsNamed) {
  const MuteServer taken;
  EXPECT_THAT(refusal(*collector(taken.address())), StartsWith("firstbyte-collector: --http: "));
}

TEST_F(CollectorBinaryTest, AGrpcPortInUseIsNamed) {
  const MuteServer taken;
  EXPECT_THAT(refusal(*collector("127.0.0.1:0", taken.address())),
              StartsWith("firstbyte-collector: --grpc: cannot listen on " + taken.address()));
}

TEST_F(CollectorBinaryTest, AnAddressThatIsNotThisMachinesIsNamed) {
  EXPECT_THAT(refusal(*collector("192.0.2.1:0")), StartsWith("firstbyte-collector: --http: "));
  EXPECT_THAT(refusal(*run_collector(
                  {"--data-dir", data(), "--http", "127.0.0.1:0", "--grpc", "192.0.2.1:0"})),
              StartsWith("firstbyte-collector: --grpc: "));
}

TEST_F(CollectorBinaryTest, AgentsWithoutTlsAreTakenOnLoopbackOnly) {
  EXPECT_EQ(refusal(*collector("127.0.0.1:0", "0.0.0.0:0")),
            "firstbyte-collector: --insecure: 0.0.0.0:0 (--grpc) is not on loopback\n");
  EXPECT_FALSE(std::filesystem::exists(data()));
}

TEST_F(CollectorBinaryTest, AFolderThatCannotBeWrittenIsNamed) {
  std::filesystem::create_directories(data());
  chmod(data().c_str(), 0555);
  EXPECT_THAT(refusal(*collector()),
              StartsWith("firstbyte-collector: --data-dir: cannot write to " + data()));
}

TEST_F(CollectorBinaryTest, AFolderThatIsAFileIsNamed) {
  folder_.write("data", "");
  EXPECT_THAT(refusal(*collector()), StartsWith("firstbyte-collector: --data-dir: "));
}

TEST_F(CollectorBinaryTest, TheDatabaseOfAnotherProgramIsNamedAndLeftAlone) {
  std::filesystem::create_directories(data());
  const std::string file = data() + "/firstbyte.db";
  ASSERT_TRUE(Database::open(file, Database::Access::kCreate)->execute("CREATE TABLE t (x)"));
  const std::string before = fakes::read_text(file);
  EXPECT_EQ(refusal(*collector()),
            "firstbyte-collector: --data-dir: " + file + " is the database of another program\n");
  EXPECT_EQ(fakes::read_text(file), before);
}

TEST_F(CollectorBinaryTest, AFileThatIsNoDatabaseIsNamedAndLeftAlone) {
  std::filesystem::create_directories(data());
  const std::string text(5000, 'x');
  folder_.write("data/firstbyte.db", text);
  EXPECT_THAT(refusal(*collector()), HasSubstr("--data-dir: "));
  EXPECT_EQ(fakes::read_text(data() + "/firstbyte.db"), text);
}

TEST_F(CollectorBinaryTest, ASchemaNewerThanTheBinaryIsNamedAndLeftAlone) {
  const auto first = ready_collector();
  first->signal(SIGTERM);
  ASSERT_EQ(first->wait(), 0);
  const std::string file = data() + "/firstbyte.db";
  ASSERT_TRUE(
      Database::open(file, Database::Access::kReadWrite)->execute("PRAGMA user_version = 999"));
  const std::string before = fakes::read_text(file);
  EXPECT_THAT(refusal(*collector()), StartsWith("firstbyte-collector: --data-dir: " + file));
  EXPECT_EQ(fakes::read_text(file), before);
}

TEST_F(CollectorBinaryTest, AFolderOfAnotherCollectorIsNamed) {
  const auto first = ready_collector();
  EXPECT_THAT(refusal(*collector()),
              HasSubstr("--data-dir: " + data() + " is in use by another collector (pid "));
}

TEST_F(CollectorBinaryTest, ABadFlagIsNamed) {
  EXPECT_THAT(refusal(*run_collector({})), HasSubstr("--data-dir"));
  EXPECT_THAT(refusal(*run_collector({"--data-dir", data(), "--bogus"})), HasSubstr("--bogus"));
  EXPECT_THAT(refusal(*collector("nonsense")),
              StartsWith("firstbyte-collector: --http: nonsense is not ADDR:PORT"));
  EXPECT_THAT(refusal(*run_collector({"--data-dir", data(), "--log-level", "loud"})),
              StartsWith("firstbyte-collector: --log-level: loud is not one of "));
}

TEST_F(CollectorBinaryTest, ABadFlagTouchesNothing) {
  refusal(*run_collector({"--data-dir", data(), "--http", "nonsense"}));
  EXPECT_FALSE(std::filesystem::exists(data()));
}

TEST_F(CollectorBinaryTest, CheckConfigSaysNothingAndStartsNothing) {
  const auto process = run_collector({"--data-dir", data(), "--check-config"});
  EXPECT_EQ(process->wait(), 0);
  EXPECT_EQ(process->out() + process->err(), "");
  EXPECT_FALSE(std::filesystem::exists(data()));
}

// Regression: with a test past its deadline in the store, a start that failed later on let the
// store's last callbacks find a dispatcher that was gone.
TEST_F(CollectorBinaryTest, AFailedStartEndsCleanlyWithAnOverdueTestInTheStore) {
  {
    auto store = collector::SqliteStore::open(data()).value();
    for (int i = 0; i < 50; ++i) {
      collector::Test test{
          "000000000000" + std::to_string(i), {.url = "https://a.example/"}, {}, {}, {}};
      test.created_at = WallTime{Micros{1}};
      test.deadline_at = WallTime{Micros{2}};
      test.cities.push_back({fakes::agent_in("tokyo"), CityState::kDispatched, {}, {}});
      store->create_test(test, [](const Expected<>& stored) { EXPECT_TRUE(stored); });
    }
  }
  const MuteServer taken;
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(refusal(*collector("127.0.0.1:0", taken.address())), HasSubstr("--grpc: "));
  }
}

// ---- a life

TEST_F(CollectorBinaryTest, IsReadyAndHealthyOnceItSaysSo) {
  const auto process = ready_collector();
  EXPECT_EQ(get(*process, "/-/ready").status(), 200);
  EXPECT_EQ(get(*process, "/-/healthy").status(), 200);
}

TEST_F(CollectorBinaryTest, ServesItsPageAndTheDescriptionOfItsApi) {
  const auto process = ready_collector();
  EXPECT_EQ(get(*process, "/").status(), 200);
  const RawHttpClient::Response description = get(*process, "/api/v1/openapi.json");
  EXPECT_EQ(description.status(), 200);
  EXPECT_TRUE(json::parse(description.body, {}, {.max_depth = 64}).at("paths").is_object());
}

TEST_F(CollectorBinaryTest, EndsOnSigtermAndOnSigint) {
  for (const int number : {SIGTERM, SIGINT}) {
    const auto process = ready_collector();
    process->signal(number);
    EXPECT_EQ(process->wait(5s), 0);
  }
}

TEST_F(CollectorBinaryTest, EndsOnSigtermWithAgentsConnectedAndViewersWatching) {
  const MuteServer target;
  const auto collector = ready_collector();
  std::vector<std::unique_ptr<Process>> agents;
  for (const char* city : {"tokyo", "london", "sydney"}) {
    agents.push_back(agent(grpc_address(*collector), city, {"--allow-port", target.port()}));
    ASSERT_TRUE(agents.back()->prints("ready ")) << agents.back()->err();
  }
  const auto accepted = post_test(
      *collector, R"({"url": "http://)" + target.address() + R"(/", "timeout_ms": 30000})");
  ASSERT_EQ(accepted.status(), 202) << accepted.body;
  const std::string id(json::parse(accepted.body).at("id").as_string());
  RawHttpClient viewer(http_port(*collector));
  viewer.get("/api/v1/tests/" + id + "/events");
  ASSERT_THAT(viewer.read_through("event: snapshot"), HasSubstr("event: snapshot"));
  collector->signal(SIGTERM);
  EXPECT_EQ(collector->wait(5s), 0) << collector->err();
  EXPECT_THAT(viewer.read_to_end(), testing::Not(HasSubstr("offline")));
  for (const auto& process : agents) EXPECT_FALSE(process->ended());
}

TEST_F(CollectorBinaryTest, ATestGoesOnAfterARestart) {
  MuteServer target;
  auto collector = ready_collector();
  const std::string grpc = grpc_address(*collector);
  const auto tokyo = agent(grpc, "tokyo", {"--allow-port", target.port()});
  ASSERT_TRUE(tokyo->prints("ready ")) << tokyo->err();
  const auto accepted = post_test(
      *collector, R"({"url": "http://)" + target.address() + R"(/", "timeout_ms": 30000})");
  ASSERT_EQ(accepted.status(), 202) << accepted.body;
  const std::string id(json::parse(accepted.body).at("id").as_string());
  ASSERT_TRUE(eventually([&] { return states(*collector, id).at("tokyo") == "wait"; }));
  collector->signal(SIGTERM);
  ASSERT_EQ(collector->wait(), 0);

  collector = this->collector("127.0.0.1:0", grpc);
  ASSERT_TRUE(collector->prints("ready ")) << collector->err();
  EXPECT_EQ(states(*collector, id).at("tokyo"), "dispatched");
  target.close();
  // The agent's back-off may have grown to half a minute's worth only after many attempts.
  EXPECT_TRUE(eventually([&] { return states(*collector, id).at("tokyo") == "failed"; }, 20s));
}

TEST_F(CollectorBinaryTest, ASecretOfATargetIsNeitherShownNorStored) {
  const MuteServer target;
  const auto collector = ready_collector();
  const auto tokyo = agent(grpc_address(*collector), "tokyo");
  ASSERT_TRUE(tokyo->prints("ready ")) << tokyo->err();
  const auto accepted =
      post_test(*collector, R"({"url": "http://)" + target.address() + R"(/", "timeout_ms": 200,
          "request_headers": [["Authorization", "Bearer hunter2"], ["Accept", "text/x-plain"]]})");
  ASSERT_EQ(accepted.status(), 202) << accepted.body;
  const std::string id(json::parse(accepted.body).at("id").as_string());
  ASSERT_TRUE(eventually([&] { return states(*collector, id).at("tokyo") == "failed"; }));
  const auto shown = get(*collector, "/api/v1/tests/" + id).body;
  EXPECT_EQ(json::parse(shown).at("target").at("request_headers"),
            json::parse(R"([["Authorization", "<redacted>"], ["Accept", "text/x-plain"]])"));
  collector->signal(SIGTERM);
  ASSERT_EQ(collector->wait(), 0);
  const std::string stored = fakes::read_text(data() + "/firstbyte.db");
  EXPECT_THAT(stored, HasSubstr("text/x-plain"));
  for (const std::string& text : {accepted.body, shown, stored, collector->err(), tokyo->err()}) {
    EXPECT_THAT(text, testing::Not(HasSubstr("hunter2")));
  }
}

TEST_F(CollectorBinaryTest, TheCatalogueOfMetricsLooksLikeItsGolden) {
  const auto process = ready_collector();
  get(*process, "/-/healthy");
  std::istringstream lines(get(*process, "/metrics").body);
  std::string catalogue;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) catalogue += line + "\n";
  }
  fakes::expect_golden("metrics/collector.txt", catalogue);
}

TEST_F(CollectorBinaryTest, MetricsAreNamedAsPrometheusAsks) {
  const auto process = ready_collector();
  get(*process, "/-/healthy");
  std::istringstream lines(get(*process, "/metrics").body);
  int families = 0;
  for (std::string line; std::getline(lines, line);) {
    std::smatch parts;
    if (!std::regex_match(line, parts, std::regex("# TYPE (\\S+) (\\S+)"))) continue;
    const std::string name = parts[1];
    ++families;
    EXPECT_TRUE(std::regex_match(name, std::regex("firstbyte_[a-z]+(_[a-z]+)*"))) << name;
    EXPECT_EQ(name.ends_with("_total"), parts[2] == "counter") << name;
    EXPECT_TRUE(parts[2] != "histogram" || name.ends_with("_seconds")) << name;
  }
  EXPECT_GE(families, 15);
}

// ---- agents

TEST_F(CollectorBinaryTest, ASecondAgentWithTheSameIdEndsWithTheReason) {
  const auto collector = ready_collector();
  const auto first = agent(grpc_address(*collector), "tokyo");
  ASSERT_TRUE(first->prints("ready agent=tokyo"));
  const auto second = agent(grpc_address(*collector), "london", {"--id", "tokyo"});
  EXPECT_EQ(second->wait(), 77);
  EXPECT_THAT(second->err(),
              HasSubstr("firstbyte-agent: another process is connected as agent \"tokyo\"; give "
                        "this one an --id of its own\n"));
  EXPECT_EQ(second->out(), "");
  EXPECT_FALSE(first->ended());
}

TEST_F(CollectorBinaryTest, AnAgentWithoutItsCollectorSaysSoOnceForEachAttempt) {
  MuteServer gone;
  const std::string address = gone.address();
  gone.close();
  const auto process = agent(address, "tokyo", {"--data-dir", folder_ / "agent"});
  const std::string sentence = "no connection to the collector at " + address + " (--collector)";
  ASSERT_TRUE(eventually([&] {
    const std::string text = process->err();
    return std::ranges::count(text, '\n') >= 3;
  }));
  std::istringstream lines(process->err());
  for (std::string line; std::getline(lines, line);) EXPECT_THAT(line, HasSubstr(sentence));
  EXPECT_FALSE(process->ended());
}

TEST_F(CollectorBinaryTest, AnAgentWithoutItsCollectorEndsOnSigterm) {
  MuteServer gone;
  gone.close();
  const auto process = agent(gone.address(), "tokyo");
  ASSERT_TRUE(eventually([&] { return !process->err().empty(); }));
  process->signal(SIGTERM);
  EXPECT_EQ(process->wait(5s), 0);
}

TEST_F(CollectorBinaryTest, AnAgentWhoseCollectorNeverAnswersEndsOnSigterm) {
  const MuteServer mute;
  const auto process = agent(mute.address(), "tokyo");
  ASSERT_TRUE(mute.has_caller());
  process->signal(SIGTERM);
  EXPECT_EQ(process->wait(5s), 0);
}

}  // namespace
}  // namespace firstbyte
