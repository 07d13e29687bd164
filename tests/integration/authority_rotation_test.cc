// From one authority of the operator's to another, while the collector runs and agents stay.

#include <sys/stat.h>

#include "tests/integration/enrollment_fixture.h"

namespace firstbyte::enrollment_test {
namespace {

using collector::CertificateAuthority;

class AuthorityRotationTest : public EnrollmentTest {
 protected:
  AuthorityRotationTest() {
    collector_.stop();
    put(old_, old_.certificate_pem());
    operators_ = ServerTls::open({.folder = folder_.path() / "operators",
                                  .names = {},
                                  .certificate_file = folder_ / "cert.pem",
                                  .key_file = folder_ / "key.pem",
                                  .ca_file = folder_ / "ca.pem",
                                  .lifetime = std::chrono::days{90}},
                                 clock_)
                     .value();
    rotating_.emplace(
        *store_, system_clock(),
        AgentGateway::Options{.address = {}, .tls = operators_.get(), .access = &access_});
  }
  ~AuthorityRotationTest() override { rotating_->stop(); }

  CertificateAuthority authority(const std::string& name) const {
    std::filesystem::create_directories(folder_.path() / name);
    return CertificateAuthority::open(folder_.path() / name, system_clock().wall()).value();
  }
  // What the operator leaves, and the collector finds half a minute later.
  void put(const CertificateAuthority& issuer, const std::string& roots) const {
    const auto key = make_private_key().value();
    const ValidTime day = collector::valid_for(system_clock().wall(), 24h);
    folder_.write("key.pem", to_pem(*key));
    chmod((folder_ / "key.pem").c_str(), 0600);
    folder_.write("cert.pem", to_pem(*issuer.issue_server({"127.0.0.1"}, *key, day).value()));
    folder_.write("ca.pem", roots);
  }
  bool finds(const std::string& fingerprint, const std::string& roots) {
    clock_.advance(60s);
    return eventually([&] {
      return operators_->trust_fingerprint() == fingerprint && operators_->trust_pem() == roots;
    });
  }
  Expected<AgentCredentials> join_rotating(const std::string& city) {
    return agent::join_collector(
        {rotating_->address(), token(city), operators_->trust_fingerprint()}, 10s);
  }
  bool is_welcome(const AgentCredentials& credentials) {
    FakeAgentStream stream(rotating_->port(), agent::channel_credentials(credentials));
    return stream.hello(credentials.identity) && stream.is_welcome();
  }

  const CertificateAuthority old_ = authority("old");
  const CertificateAuthority new_ = authority("new");
  const std::string both_ = old_.certificate_pem() + new_.certificate_pem();
  std::unique_ptr<ServerTls> operators_;
  std::optional<Collector> rotating_;
};

// Regression: agents that renewed were given the authority of the collector's start, and after the
// change nobody came back.
TEST_F(AuthorityRotationTest, AgentsThatRenewedInBetweenComeBack) {
  const auto before = join_rotating("tokyo");
  ASSERT_TRUE(before) << before.error().message;
  folder_.write("ca.pem", both_);
  ASSERT_TRUE(finds(fingerprint(old_.certificate()), both_));
  grpc::ClientContext context;
  const auto renewed = agent::renew_credentials(*before, rotating_->address(), context);
  ASSERT_TRUE(renewed) << renewed.error().message;
  EXPECT_EQ(renewed->collector_ca, both_);

  put(new_, both_);
  ASSERT_TRUE(finds(fingerprint(new_.certificate()), both_));
  // What gRPC reads again within ten seconds, it reads now.
  rotating_->stop_gateway();
  rotating_->listen();
  EXPECT_TRUE(is_welcome(*renewed));
  EXPECT_FALSE(is_welcome(*before));
  EXPECT_TRUE(join_rotating("london"));
}

}  // namespace
}  // namespace firstbyte::enrollment_test
