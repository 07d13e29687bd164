// A collector that lets agents in by certificate, and what is needed to be one of them: over TCP
// and TLS, with the real databases.
#pragma once

#include "agent/identity/enrollment.h"
#include "collector/access/agent_access.h"
#include "collector/ingest/server_tls.h"
#include "firstbyte/v1/enrollment.grpc.pb.h"
#include "tests/fakes/collector_golden.h"
#include "tests/integration/stream_fixture.h"

namespace firstbyte::enrollment_test {

using namespace stream_test;
using agent::AgentCredentials;
using collector::AccessDatabase;
using collector::AgentAccess;
using collector::ServerTls;
using collector::ValidTime;
using testing::StartsWith;

// The machine's time, and what is added to it.
class ShiftedClock final : public Clock {
 public:
  MonotonicTime now() const override { return system_clock().now() + Micros{passed_us_}; }
  WallTime wall() const override {
    return system_clock().wall() + Micros{passed_us_} + Micros{set_us_};
  }
  // Time passes.
  void advance(Micros by) { passed_us_ += by.count(); }
  // Somebody sets the machine's date.
  void step_wall(Micros by) { set_us_ += by.count(); }

 private:
  std::atomic<std::int64_t> passed_us_{0};
  std::atomic<std::int64_t> set_us_{0};
};

class EnrollmentTest : public testing::Test {
 protected:
  explicit EnrollmentTest(std::chrono::seconds lifetime = std::chrono::days{90})
      : lifetime_(lifetime) {}
  ~EnrollmentTest() override {
    collector_.stop();
    store_ = nullptr;  // its last callbacks still find the collector
  }

  std::string address() const { return collector_.address(); }
  std::string token(const std::string& city = "tokyo", std::chrono::seconds lifetime = 1h,
                    bool replace = false) {
    return access_.enroll(agent_in(city), lifetime, replace).value().token;
  }
  Expected<AgentCredentials> try_join(const std::string& join_token) {
    return agent::join_collector({address(), join_token, tls_->trust_fingerprint()}, 10s);
  }
  AgentCredentials join(const std::string& city = "tokyo") {
    auto joined = try_join(token(city));
    EXPECT_TRUE(joined) << joined.error().message;
    return joined.value_or(AgentCredentials{});
  }
  Expected<AgentCredentials> renew(const AgentCredentials& credentials) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + 10s);
    return agent::renew_credentials(credentials, address(), context);
  }
  std::unique_ptr<FakeAgentStream> dial(const AgentCredentials& credentials) {
    return std::make_unique<FakeAgentStream>(collector_.port(),
                                             agent::channel_credentials(credentials));
  }
  // Connected, as the agent it was enrolled as.
  std::unique_ptr<FakeAgentStream> connect(const AgentCredentials& credentials) {
    auto stream = dial(credentials);
    EXPECT_TRUE(stream->hello(credentials.identity));
    EXPECT_TRUE(stream->is_welcome());
    return stream;
  }
  // How a hello with these ends that is not welcome.
  grpc::Status refusal(const AgentCredentials& credentials) {
    const auto stream = dial(credentials);
    stream->hello(credentials.identity);
    EXPECT_FALSE(stream->is_welcome());
    return stream->wait_end();
  }
  // A certificate of the collector's authority that the enrolment has not seen.
  AgentCredentials forge(AgentCredentials credentials, ValidTime valid) {
    const auto key = parse_private_key(credentials.key).value();
    const auto request = make_certificate_request(*key, {}).value();
    credentials.certificate = to_pem(
        *tls_->authority().issue_agent(credentials.identity.id, to_pem(*request), valid).value());
    return credentials;
  }

  int count_results() {
    return static_cast<int>(Database::open(folder_ / "firstbyte.db", Database::Access::kReadOnly)
                                .value()
                                .number("SELECT count(*) FROM result")
                                .value());
  }

  const std::chrono::seconds lifetime_;
  fakes::TempDir folder_;
  ShiftedClock clock_;
  std::unique_ptr<SqliteStore> store_ = SqliteStore::open(folder_.path()).value();
  std::unique_ptr<AccessDatabase> database_ = AccessDatabase::open(folder_.path()).value();
  AgentAccess access_{*database_, clock_};
  std::unique_ptr<ServerTls> tls_ = ServerTls::open({.folder = folder_.path() / "tls",
                                                     .names = {"127.0.0.1", "localhost"},
                                                     .certificate_file = {},
                                                     .key_file = {},
                                                     .ca_file = {},
                                                     .lifetime = lifetime_},
                                                    system_clock())
                                        .value();
  Collector collector_{
      *store_, system_clock(), {.address = {}, .tls = tls_.get(), .access = &access_}};
};

}  // namespace firstbyte::enrollment_test
