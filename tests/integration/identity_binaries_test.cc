// Enrolment as an operator does it: the real binaries, from `agents enroll` to `agents revoke`.

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <regex>
#include <sstream>

#include "tests/fakes/collector_wait.h"
#include "tests/integration/binaries_fixture.h"

namespace firstbyte {
namespace {

using fakes::eventually;
using fakes::Process;
using fakes::refusal;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;
using namespace std::chrono_literals;

class IdentityBinariesTest : public BinariesFixture {
 protected:
  using Words = std::vector<std::string>;

  void SetUp() override {
    BinariesFixture::SetUp();
    if (IsSkipped()) return;
    collector_ = run("FIRSTBYTE_COLLECTOR",
                     {"--data-dir", data(), "--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0"});
    ASSERT_TRUE(collector_->prints("ready ")) << collector_->err();
  }

  std::string agent_data() const { return folder_ / "agent"; }
  // A command of the operator's, beside the running collector; what it prints.
  std::string tell(Words words) {
    words.insert(words.begin() + 2, {"--data-dir", data()});
    const auto process = run("FIRSTBYTE_COLLECTOR", std::move(words));
    EXPECT_EQ(process->wait(), 0) << process->err();
    EXPECT_THAT(process->err(), IsEmpty());
    return process->out();
  }
  std::string refused(Words words) {
    words.insert(words.begin() + 2, {"--data-dir", data()});
    return refusal(*run("FIRSTBYTE_COLLECTOR", std::move(words)));
  }
  // The command that makes a machine an agent.
  std::string enroll(const std::string& city) {
    return tell({"agents", "enroll", "--city", city, "--agent-data-dir", agent_data()});
  }
  // As a person would, into a shell that finds the agent.
  std::unique_ptr<Process> paste(const std::string& command) {
    const auto programs =
        std::filesystem::path(fakes::environment("FIRSTBYTE_AGENT")).parent_path().string();
    return std::make_unique<Process>(
        "/bin/sh", Words{"-c", "PATH=" + programs + ":$PATH; " + command}, folder_.path());
  }
  std::unique_ptr<Process> start_agent(Words more = {}) {
    more.insert(more.begin(), {"--data-dir", agent_data()});
    return run("FIRSTBYTE_AGENT", std::move(more));
  }
  // An agent in Frankfurt that has joined.
  void join() {
    const auto joined = paste(enroll("Frankfurt"));
    ASSERT_EQ(joined->wait(), 0) << joined->err();
  }

  std::unique_ptr<Process> collector_;
};

TEST_F(IdentityBinariesTest, AnAgentIsEnrolledJoinsRunsAndIsRevoked) {
  const auto joined = paste(enroll("Frankfurt"));
  ASSERT_EQ(joined->wait(), 0) << joined->err();
  EXPECT_EQ(joined->out(),
            "joined as frankfurt (Frankfurt); start it by: firstbyte-agent "
            "--data-dir " +
                agent_data() + "\n");
  EXPECT_THAT(tell({"agents", "list"}), HasSubstr("frankfurt  Frankfurt  offline"));

  const auto agent = start_agent();
  ASSERT_TRUE(agent->prints("ready agent=frankfurt")) << agent->err();
  EXPECT_TRUE(eventually([&] {
    return tell({"agents", "list"}).find("frankfurt  Frankfurt  connected") != std::string::npos;
  }));

  const auto revoked_at = std::chrono::steady_clock::now();
  EXPECT_EQ(tell({"agents", "revoke", "frankfurt"}), "");
  EXPECT_EQ(agent->wait(), 77);
  EXPECT_LT(std::chrono::steady_clock::now() - revoked_at, 4s);
  EXPECT_THAT(agent->err(), HasSubstr("firstbyte-agent: agent \"frankfurt\" was revoked\n"));
  EXPECT_THAT(tell({"agents", "list"}), HasSubstr("revoked"));

  const auto again = start_agent();
  EXPECT_EQ(again->wait(), 77);
  EXPECT_THAT(again->err(), HasSubstr("firstbyte-agent: agent \"frankfurt\" was revoked\n"));
}

TEST_F(IdentityBinariesTest, AnAgentKeepsItsIdentityWhereNobodyElseReads) {
  join();
  struct stat status{};
  ASSERT_EQ(stat((agent_data() + "/identity.pem").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(IdentityBinariesTest, TheCollectorKeepsItsKeysWhereNobodyElseReads) {
  for (const char* name : {"/tls/ca.key", "/tls/server.pem", "/access.db"}) {
    struct stat status{};
    ASSERT_EQ(stat((data() + name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0077U, 0U) << name;
  }
}

TEST_F(IdentityBinariesTest, AnAgentComesBackToACollectorThatRestarts) {
  join();
  const std::string address = grpc_address(*collector_);
  collector_->signal(SIGTERM);
  ASSERT_EQ(collector_->wait(), 0);
  const auto agent = start_agent();
  collector_ = run("FIRSTBYTE_COLLECTOR",
                   {"--data-dir", data(), "--http", "127.0.0.1:0", "--grpc", address});
  EXPECT_TRUE(agent->prints("ready agent=frankfurt")) << agent->err() << collector_->err();
}

TEST_F(IdentityBinariesTest, AnAgentJoinsOnce) {
  join();
  EXPECT_THAT(refusal(*paste(enroll("London"))),
              HasSubstr("--data-dir: " + agent_data() +
                        "/identity.pem says that this is agent \"frankfurt\" of "));
}

TEST_F(IdentityBinariesTest, AnAgentThatHasNotJoinedSaysHow) {
  EXPECT_EQ(refusal(*start_agent()),
            "firstbyte-agent: --data-dir: " + agent_data() +
                "/identity.pem is not there; `firstbyte-agent join` makes it\n");
}

TEST_F(IdentityBinariesTest, AFlagThatContradictsTheEnrolmentIsNamed) {
  join();
  EXPECT_THAT(refusal(*start_agent({"--city", "Tokyo"})),
              StartsWith("firstbyte-agent: --city: this agent was enrolled with Frankfurt"));
  EXPECT_THAT(refusal(*start_agent({"--id", "f2"})), StartsWith("firstbyte-agent: --id: "));
}

TEST_F(IdentityBinariesTest, AnIdentityThatOthersMayReadIsRefused) {
  join();
  chmod((agent_data() + "/identity.pem").c_str(), 0644);
  EXPECT_THAT(refusal(*start_agent()), HasSubstr("is open to others (mode 0644)"));
}

TEST_F(IdentityBinariesTest, AnAgentThatLostItsCollectorsAuthoritySaysSoAndWaits) {
  join();
  collector_->signal(SIGTERM);
  ASSERT_EQ(collector_->wait(), 0);
  const std::string address = grpc_address(*collector_);
  std::filesystem::remove_all(data() + "/tls");
  collector_ = run("FIRSTBYTE_COLLECTOR",
                   {"--data-dir", data(), "--http", "127.0.0.1:0", "--grpc", address});
  ASSERT_TRUE(collector_->prints("ready ")) << collector_->err();
  const auto agent = start_agent();
  ASSERT_TRUE(eventually([&] { return std::ranges::count(agent->err(), '\n') >= 2; }));
  // Regression: gRPC printed lines of its own between ours, for attempts of its own.
  std::istringstream lines(agent->err());
  for (std::string line; std::getline(lines, line);) {
    EXPECT_THAT(line, HasSubstr("no connection to the collector at " + address));
  }
  EXPECT_EQ(agent->out(), "");
}

// ---- the operator's command line

TEST_F(IdentityBinariesTest, AnEnrolmentPrintsTheOneCommandToRun) {
  EXPECT_THAT(tell({"agents", "enroll", "--city", "Frankfurt"}),
              MatchesRegex("echo fbj_[0-9a-f]+_[0-9a-f]+ . firstbyte-agent join --collector "
                           "127\\.0\\.0\\.1:[0-9]+ --token - --ca-fingerprint sha256:[0-9a-f]+ "
                           "--data-dir /var/lib/firstbyte-agent\n"));
}

TEST_F(IdentityBinariesTest, AJoinTokenIsTakenFromTheCommandLineToo) {
  const std::string command = enroll("Frankfurt");
  const std::string token = command.substr(5, command.find(" |") - 5);
  std::string plain = command.substr(command.find("firstbyte-agent"));
  plain.replace(plain.find("--token -"), 9, "--token " + token);
  const auto joined = paste(plain);
  EXPECT_EQ(joined->wait(), 0) << joined->err();
}

TEST_F(IdentityBinariesTest, AJoinTokenThatDidNotComeIsNamed) {
  const std::string command = enroll("Frankfurt");
  EXPECT_EQ(refusal(*paste(command.substr(command.find("firstbyte-agent")))),
            "firstbyte-agent join: --token: nothing came on standard input\n");
  EXPECT_EQ(refusal(*paste("head -c 100000 /dev/zero | tr '\\0' x | " +
                           command.substr(command.find("firstbyte-agent")))),
            "firstbyte-agent join: --token: this is not a join token (fbj_...)\n");
}

TEST_F(IdentityBinariesTest, AnEnrolmentThatMakesNoSenseNamesTheFlag) {
  EXPECT_THAT(refused({"agents", "enroll", "--city", "Atlantis"}),
              StartsWith("firstbyte-collector agents: --city: Atlantis is not a known city"));
  EXPECT_THAT(refused({"agents", "enroll", "--city", "Tokyo", "--id", "To kyo"}),
              StartsWith("firstbyte-collector agents: --id: "));
  EXPECT_THAT(refused({"agents", "enroll", "--city", "Tokyo", "--expires", "soon"}),
              StartsWith("firstbyte-collector agents: --expires: soon is not a time"));
  EXPECT_THAT(refused({"agents", "enroll", "--city", "Tokyo", "--collector", "here"}),
              StartsWith("firstbyte-collector agents: --collector: here is not HOST:PORT"));
  EXPECT_THAT(refused({"agents", "revoke", "nobody"}),
              HasSubstr("there is no agent \"nobody\" that could be revoked"));
  EXPECT_THAT(tell({"agents", "list"}), Not(HasSubstr("tokyo")));
}

TEST_F(IdentityBinariesTest, AFolderWithoutACollectorIsLeftAlone) {
  const fakes::TempDir empty;
  const std::string said =
      refusal(*run("FIRSTBYTE_COLLECTOR", {"agents", "list", "--data-dir", empty.path().string()}));
  EXPECT_THAT(said, StartsWith("firstbyte-collector agents: --data-dir: "));
  EXPECT_TRUE(std::filesystem::is_empty(empty.path()));
}

TEST_F(IdentityBinariesTest, TokensAreMadeListedAndRevokedBesideTheRunningCollector) {
  const std::string token =
      tell({"tokens", "create", "--name", "ci", "--scope", "tests:run", "--expires", "90d"});
  EXPECT_THAT(token, MatchesRegex("fbt_[0-9a-f]+_[0-9a-f]+\n"));
  const std::string id = token.substr(4, 12);
  EXPECT_THAT(tell({"tokens", "list"}), HasSubstr(id + "  ci    tests:run  valid"));
  EXPECT_EQ(tell({"tokens", "revoke", id}), "");
  EXPECT_THAT(tell({"tokens", "list"}), HasSubstr(id + "  ci    tests:run  revoked"));
  EXPECT_THAT(refused({"tokens", "create", "--name", "ci", "--scope", "write"}),
              StartsWith("firstbyte-collector tokens: --scope: write is not one of "));
}

TEST_F(IdentityBinariesTest, HelpLooksLikeItsGolden) {
  for (const auto& [golden, program, words] :
       {std::tuple{"cli/firstbyte-agent-join-help.txt", "FIRSTBYTE_AGENT", Words{"join", "--help"}},
        {"cli/firstbyte-collector-agents-enroll-help.txt", "FIRSTBYTE_COLLECTOR",
         Words{"agents", "enroll", "--help"}},
        {"cli/firstbyte-collector-tokens-create-help.txt", "FIRSTBYTE_COLLECTOR",
         Words{"tokens", "create", "--help"}}}) {
    const auto process = run(program, words);
    EXPECT_EQ(process->wait(), 0) << process->err();
    fakes::expect_golden(golden, process->out());
  }
}

// ---- the operator's own certificate

class OperatorsCertificateTest : public IdentityBinariesTest {
 protected:
  void SetUp() override {
    IdentityBinariesTest::SetUp();
    if (IsSkipped()) return;
    // Another collector's authority and certificate are as good as any.
    const std::string tls = data() + "/tls/";
    ca_ = folder_.write("operator-ca.pem", fakes::read_text(tls + "ca.pem"));
    certificate_ = folder_.write("operator.pem", fakes::read_text(tls + "server.pem"));
    key_ = certificate_;
    chmod(key_.c_str(), 0600);
    collector_->signal(SIGTERM);
    ASSERT_EQ(collector_->wait(), 0);
    std::filesystem::remove_all(data());
  }
  void start(const std::string& certificate, const std::string& key, const std::string& ca) {
    collector_ = run("FIRSTBYTE_COLLECTOR",
                     {"--data-dir", data(), "--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0",
                      "--grpc-certificate", certificate, "--grpc-key", key, "--grpc-ca", ca});
  }

  std::string ca_;
  std::string certificate_;
  std::string key_;
};

TEST_F(OperatorsCertificateTest, IsWhatAgentsJoinAndTrust) {
  start(certificate_, key_, ca_);
  ASSERT_TRUE(collector_->prints("ready ")) << collector_->err();
  join();
  const auto agent = start_agent();
  EXPECT_TRUE(agent->prints("ready agent=frankfurt")) << agent->err();
}

TEST_F(OperatorsCertificateTest, ThatIsNotWholeNamesTheFlag) {
  const std::string foreign = folder_.write("none.pem", "nonsense");
  start(foreign, key_, ca_);
  EXPECT_THAT(refusal(*collector_), StartsWith("firstbyte-collector: --grpc-certificate: "));
  start(certificate_, key_, foreign);
  EXPECT_THAT(refusal(*collector_), StartsWith("firstbyte-collector: --grpc-ca: "));
  start(certificate_, folder_ / "absent.pem", ca_);
  EXPECT_THAT(refusal(*collector_), StartsWith("firstbyte-collector: --grpc-key: cannot read "));
  chmod(key_.c_str(), 0644);
  start(certificate_, key_, ca_);
  EXPECT_THAT(refusal(*collector_), HasSubstr("--grpc-key: " + key_ + " is open to others"));
}

// Regression: the files of --grpc-* were read first by the start itself.
TEST_F(OperatorsCertificateTest, IsLookedAtByCheckConfigAsByAStart) {
  const auto check = [&] {
    return run("FIRSTBYTE_COLLECTOR", {"--data-dir", data(), "--grpc-certificate", certificate_,
                                       "--grpc-key", key_, "--grpc-ca", ca_, "--check-config"});
  };
  EXPECT_EQ(check()->wait(), 0);
  chmod(key_.c_str(), 0644);
  EXPECT_THAT(refusal(*check()), HasSubstr("--grpc-key: " + key_ + " is open to others"));
  chmod(key_.c_str(), 0600);
  folder_.write("operator-ca.pem", "nonsense");
  EXPECT_THAT(refusal(*check()), StartsWith("firstbyte-collector: --grpc-ca: "));
  std::filesystem::remove(ca_);
  EXPECT_THAT(refusal(*check()), StartsWith("firstbyte-collector: --grpc-ca: cannot read "));
  EXPECT_FALSE(std::filesystem::exists(data()));
}

TEST_F(OperatorsCertificateTest, OfAnotherAuthorityThanBeforeIsSaidAloud) {
  start(certificate_, key_, ca_);
  ASSERT_TRUE(collector_->prints("ready ")) << collector_->err();
  join();
  collector_->signal(SIGTERM);
  ASSERT_EQ(collector_->wait(), 0);
  EXPECT_THAT(collector_->err(), Not(HasSubstr("another authority")));
  // Its own, which is not the operator's.
  collector_ = run("FIRSTBYTE_COLLECTOR",
                   {"--data-dir", data(), "--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0"});
  ASSERT_TRUE(collector_->prints("ready ")) << collector_->err();
  EXPECT_THAT(collector_->err(), HasSubstr("the collector's certificate leads to another "
                                           "authority"));
}

TEST_F(OperatorsCertificateTest, OfAnotherAuthorityNamesTheFlag) {
  const std::string other = folder_ / "other";
  collector_ = run("FIRSTBYTE_COLLECTOR",
                   {"--data-dir", other, "--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0"});
  ASSERT_TRUE(collector_->prints("ready ")) << collector_->err();
  start(certificate_, key_, other + "/tls/ca.pem");
  EXPECT_THAT(refusal(*collector_), HasSubstr("--grpc-certificate: " + certificate_));
  start(certificate_, other + "/tls/server.pem", ca_);
  EXPECT_THAT(refusal(*collector_), HasSubstr("--grpc-key: "));
}

}  // namespace
}  // namespace firstbyte
