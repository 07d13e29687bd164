// The collector's HTTP side as an operator sets it up: TLS, names, tokens, limits.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <regex>

#include "tests/fakes/collector_wait.h"
#include "tests/fakes/nginx_server.h"
#include "tests/integration/binaries_fixture.h"
#include "tests/unit/collector/api/raw_http_client.h"
#include "tests/unit/collector/api/tls_http_client.h"

namespace firstbyte {
namespace {

using collector::RawHttpClient;
using collector::TlsClient;
using fakes::eventually;
using fakes::Process;
using fakes::refusal;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

class CollectorHttpTest : public BinariesFixture {
 protected:
  std::unique_ptr<Process> collector(const std::vector<std::string>& more) const {
    std::vector<std::string> flags{"--data-dir", data(),        "--http",    "127.0.0.1:0",
                                   "--grpc",     "127.0.0.1:0", "--insecure"};
    flags.insert(flags.end(), more.begin(), more.end());
    return run("FIRSTBYTE_COLLECTOR", std::move(flags));
  }
  std::unique_ptr<Process> ready_collector(const std::vector<std::string>& more) const {
    auto process = collector(more);
    EXPECT_TRUE(process->prints("ready ")) << process->err();
    return process;
  }
  // What `firstbyte-collector tokens …` prints.
  std::string tokens(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "tokens");
    arguments.insert(arguments.end(), {"--data-dir", data()});
    const auto process = run("FIRSTBYTE_COLLECTOR", std::move(arguments));
    EXPECT_EQ(process->wait(), 0) << process->err();
    return process->out();
  }
  static RawHttpClient::Response ask(const Process& collector, std::string_view request) {
    RawHttpClient client(http_port(collector));
    client.send(request);
    return client.read_response();
  }
  static RawHttpClient::Response get(const Process& collector, std::string_view path,
                                     std::string_view headers = "",
                                     std::string_view host = "localhost") {
    return ask(collector,
               fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\n{}\r\n", path, host, headers));
  }
};

// ---- TLS

TEST_F(CollectorHttpTest, IsServedOverTls) {
  const fakes::CertificateAuthority authority(folder_);
  authority.issue("a", 30);
  const auto process =
      ready_collector({"--http-certificate", folder_ / "a.crt", "--http-key", folder_ / "a.key"});
  TlsClient client(http_port(*process), authority.ca_file());
  ASSERT_TRUE(client.connected());
  client.send("GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.read_to_end(), EndsWith("\r\n\r\nhealthy\n"));
  process->signal(SIGTERM);
  EXPECT_EQ(process->wait(), 0);
}

TEST_F(CollectorHttpTest, ACertificateThatCannotBeUsedIsNamedAndNothingIsTouched) {
  const fakes::CertificateAuthority authority(folder_);
  authority.issue("a", 30);
  authority.issue("b", 30);
  for (const std::string_view check : {"", "--check-config"}) {
    std::vector<std::string> flags{"--http-certificate", folder_ / "a.crt", "--http-key",
                                   folder_ / "b.key"};
    if (!check.empty()) flags.emplace_back(check);
    EXPECT_EQ(refusal(*collector(flags)),
              fmt::format("firstbyte-collector: --http-key: cannot use {}: key values mismatch\n",
                          folder_ / "b.key"));
    flags[1] = folder_ / "gone.crt";
    EXPECT_EQ(
        refusal(*collector(flags)),
        fmt::format("firstbyte-collector: --http-certificate: cannot read {}: No such file or "
                    "directory\n",
                    folder_ / "gone.crt"));
    EXPECT_FALSE(std::filesystem::exists(data()));
  }
}

// ---- names

TEST_F(CollectorHttpTest, OnLoopbackAnswersOnlyToNamesThatAreItsOwn) {
  const auto process = ready_collector({"--http-host", "status.example.net"});
  EXPECT_EQ(get(*process, "/-/healthy", "", "evil.example").status(), 421);
  EXPECT_EQ(get(*process, "/-/healthy", "", "status.example.net").status(), 200);
  EXPECT_EQ(get(*process, "/-/healthy", "", "127.0.0.1:8080").status(), 200);
}

// ---- tokens

TEST_F(CollectorHttpTest, AClosedCollectorOpensToATokenUntilItIsRevoked) {
  const auto process = ready_collector({"--http-access", "token", "--log-level", "trace"});
  const std::string created = tokens({"create", "--name", "ci", "--scope", "read"});
  std::smatch token;
  ASSERT_TRUE(std::regex_search(created, token, std::regex("fbt_([0-9a-f]{12})_[0-9a-f]{64}")))
      << created;
  const std::string header = fmt::format("Authorization: Bearer {}\r\n", token.str());

  EXPECT_EQ(get(*process, "/api/v1/info").status(), 401);
  EXPECT_EQ(get(*process, "/-/ready").status(), 200);
  const auto info = get(*process, "/api/v1/info", header);
  EXPECT_EQ(info.status(), 200) << info.body;
  EXPECT_THAT(info.body, HasSubstr(R"("access":"token")"));
  tokens({"revoke", token.str(1)});
  EXPECT_EQ(get(*process, "/api/v1/info", header).status(), 401);

  EXPECT_THAT(process->err(), HasSubstr("127.0.0.1 GET /api/v1/info 401"));
  EXPECT_THAT(process->err(), Not(HasSubstr("fbt_")));
}

TEST_F(CollectorHttpTest, AccessOfNoKindIsNamed) {
  EXPECT_EQ(refusal(*collector({"--http-access", "private"})),
            "firstbyte-collector: --http-access: private is neither public nor token\n");
  EXPECT_FALSE(std::filesystem::exists(data()));
}

// ---- limits

TEST_F(CollectorHttpTest, ATestTooManyIsRefusedAndLogsSayByWhom) {
  const auto process = ready_collector(
      {"--limit-client", "1", "--trusted-proxy", "127.0.0.1", "--log-level", "debug"});
  const auto agent = run("FIRSTBYTE_AGENT",
                         {"--insecure", "--collector", grpc_address(*process), "--city", "tokyo"});
  ASSERT_TRUE(agent->prints("ready ")) << agent->err();
  const auto post = [&](std::string_view client) {
    constexpr std::string_view kTest = R"({"url": "http://127.0.0.1:1/", "timeout_ms": 100})";
    return ask(*process, fmt::format("POST /api/v1/tests HTTP/1.1\r\nHost: localhost\r\n"
                                     "X-Forwarded-For: {}\r\nContent-Type: application/json\r\n"
                                     "Content-Length: {}\r\n\r\n{}",
                                     client, kTest.size(), kTest));
  };
  EXPECT_EQ(post("192.0.2.1").status(), 202);
  const auto second = post("192.0.2.1");
  EXPECT_EQ(second.status(), 429);
  EXPECT_TRUE(second.has("X-RateLimit-Limit: 1"));
  EXPECT_THAT(second.head, HasSubstr("\r\nRetry-After: "));
  EXPECT_EQ(post("192.0.2.2").status(), 202);
  EXPECT_TRUE(eventually([&] {
    return process->err().contains("192.0.2.1 POST /api/v1/tests 429");
  })) << process->err();
}

}  // namespace
}  // namespace firstbyte
