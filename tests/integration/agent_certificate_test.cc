// Which certificates open the collector's stream, for how long, and how they are renewed.

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include "agent/identity/renewal.h"
#include "tests/integration/enrollment_fixture.h"

namespace firstbyte::enrollment_test {
namespace {

using grpc::StatusCode;

class AgentCertificateTest : public EnrollmentTest {};

// ---- certificates that are not good

TEST_F(AgentCertificateTest, WithoutOneAStreamIsRefused) {
  AgentCredentials none = join();
  none.key.clear();
  none.certificate.clear();
  const grpc::Status status = refusal(none);
  EXPECT_EQ(status.error_code(), StatusCode::UNAUTHENTICATED);
  EXPECT_THAT(status.error_message(), HasSubstr("an agent needs a certificate"));
}

TEST_F(AgentCertificateTest, WithoutTlsNothingIsAnswered) {
  FakeAgentStream stream(collector_.port());
  stream.hello(agent_in("tokyo"));
  EXPECT_EQ(stream.wait_end().error_code(), StatusCode::UNAVAILABLE);
}

TEST_F(AgentCertificateTest, OfAnotherAuthorityDoesNotGetPastTheHandshake) {
  AgentCredentials credentials = join();
  const fakes::TempDir elsewhere;
  const auto other =
      collector::CertificateAuthority::open(elsewhere.path(), system_clock().wall()).value();
  const auto key = parse_private_key(credentials.key).value();
  const auto request = make_certificate_request(*key, {}).value();
  const ValidTime day = collector::valid_for(system_clock().wall(), 24h);
  credentials.certificate = to_pem(*other.issue_agent("tokyo", to_pem(*request), day).value());
  EXPECT_EQ(refusal(credentials).error_code(), StatusCode::UNAVAILABLE);
}

TEST_F(AgentCertificateTest, ThatHasEndedDoesNotGetPastTheHandshake) {
  const WallTime now = system_clock().wall();
  const AgentCredentials ended = forge(join(), {now - 48h, now - 1h});
  EXPECT_EQ(refusal(ended).error_code(), StatusCode::UNAVAILABLE);
}

TEST_F(AgentCertificateTest, ThatIsNotValidYetDoesNotGetPastTheHandshake) {
  const WallTime now = system_clock().wall();
  const AgentCredentials early = forge(join(), {now + 1h, now + 48h});
  EXPECT_EQ(refusal(early).error_code(), StatusCode::UNAVAILABLE);
}

TEST_F(AgentCertificateTest, ThatWasNotIssuedByAnEnrolmentIsRefused) {
  const ValidTime day = collector::valid_for(system_clock().wall(), 24h);
  const grpc::Status status = refusal(forge(join(), day));
  EXPECT_EQ(status.error_code(), StatusCode::UNAUTHENTICATED);
  EXPECT_THAT(status.error_message(), HasSubstr("not one that this collector has issued"));
}

// Regression: the serial alone was compared, and serials are what whoever signs makes them.
TEST_F(AgentCertificateTest, WithTheSerialOfOneThatWasIssuedIsRefused) {
  const AgentCredentials joined = join();
  AgentCredentials forged = forge(joined, collector::valid_for(system_clock().wall(), 24h));
  const auto issued = parse_certificates(joined.certificate).value();
  const auto made = parse_certificates(forged.certificate).value();
  const auto key = parse_private_key(fakes::read_text(folder_ / "tls/ca.key")).value();
  X509_set_serialNumber(made.front().get(), X509_get_serialNumber(issued.front().get()));
  X509_sign(made.front().get(), key.get(), EVP_sha256());
  forged.certificate = to_pem(*made.front());
  const grpc::Status status = refusal(forged);
  EXPECT_EQ(status.error_code(), StatusCode::UNAUTHENTICATED);
  EXPECT_THAT(status.error_message(), HasSubstr("not one that this collector has issued"));
}

TEST_F(AgentCertificateTest, OfAnotherAgentIsRefused) {
  AgentCredentials credentials = join("tokyo");
  join("london");
  credentials.identity = agent_in("london");
  const grpc::Status status = refusal(credentials);
  EXPECT_EQ(status.error_code(), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(status.error_message(), "the certificate is agent \"tokyo\"'s, and not \"london\"'s");
  EXPECT_FALSE(collector_.knows("london"));
}

TEST_F(AgentCertificateTest, OfTheCollectorIsNoAgents) {
  AgentCredentials credentials = join();
  const std::string shown = fakes::read_text(folder_ / "tls/server.pem");
  credentials.key = shown;
  credentials.certificate = shown;
  const grpc::Status status = refusal(credentials);
  EXPECT_NE(status.error_code(), StatusCode::OK);
}

TEST_F(AgentCertificateTest, OfAnAgentIsNoCollectors) {
  // An agent that plays the collector, towards one that trusts the same authority.
  const AgentCredentials rogue = join("tokyo");
  const AgentCredentials victim = join("london");
  collector_.stop_gateway();
  int port = 0;
  grpc::ServerBuilder builder;
  grpc::SslServerCredentialsOptions options;
  options.pem_key_cert_pairs.push_back({rogue.key, rogue.certificate});
  builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(options), &port);
  v1::AgentGateway::Service service;
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  FakeAgentStream stream(port, agent::channel_credentials(victim));
  stream.hello(victim.identity);
  EXPECT_EQ(stream.wait_end().error_code(), StatusCode::UNAVAILABLE);
}

// ---- by a clock that is wrong

// Regression: every agent that was connected took it for the end, and did not come back.
TEST_F(AgentCertificateTest, ACollectorsClockPastAllOfThemSendsAgentsAwayUntilItIsRight) {
  const AgentCredentials credentials = join();
  Agent agent(collector_.port(), credentials.identity, stream_test::spool_in(),
              [&] { return agent::channel_credentials(credentials); });
  agent.start();
  ASSERT_TRUE(eventually([&] { return agent.connections() == 1; }));
  clock_.step_wall(std::chrono::days{100});
  join("london");  // has everybody looked at
  ASSERT_TRUE(eventually([&] { return !collector_.knows("tokyo"); }));
  EXPECT_EQ(refusal(credentials).error_code(), StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(renew(credentials).error().kind, Error::Kind::kTransient);
  clock_.step_wall(-std::chrono::days{100});
  EXPECT_TRUE(eventually([&] { return agent.connections() == 2; }));
  EXPECT_EQ(agent.refusal(), std::nullopt);
}

// ---- revoked

TEST_F(AgentCertificateTest, OnceRevokedTheStreamEndsWithinASecond) {
  const AgentCredentials credentials = join();
  const auto stream = connect(credentials);
  const auto command_line = AccessDatabase::attach(folder_.path()).value();
  AgentAccess outside(*command_line, system_clock());
  const auto began = std::chrono::steady_clock::now();
  ASSERT_TRUE(outside.revoke("tokyo"));
  const grpc::Status status = stream->wait_end();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 1s);
  EXPECT_EQ(status.error_code(), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(status.error_message(), "agent \"tokyo\" was revoked");
  EXPECT_FALSE(collector_.knows("tokyo"));
}

// It cannot be told why as long as something else waits for it to read.
TEST_F(AgentCertificateTest, OnceRevokedTheStreamOfOneThatDoesNotReadIsCutOff) {
  const auto stream = connect(join());
  const std::weak_ptr link = collector_.agents().find("tokyo")->link;
  const ProbeOrder order{.test_id = "0k3v9x2m7qf5d",
                         .target = {.url = "https://a.example/" + std::string(20000, 'x')}};
  for (int i = 0; i < 500; ++i) link.lock()->order(order);
  ASSERT_TRUE(access_.revoke("tokyo"));
  EXPECT_TRUE(eventually([&] { return link.expired(); }, 5s));  // its own end comes at ten
}

TEST_F(AgentCertificateTest, OnceRevokedNothingOpensNeitherNewNorOld) {
  const AgentCredentials first = join();
  const AgentCredentials second = renew(first).value();
  const std::string unused = token("tokyo", 1h, true);
  ASSERT_TRUE(access_.revoke("tokyo"));
  EXPECT_EQ(refusal(first).error_code(), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(refusal(second).error_code(), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(renew(second).error().kind, Error::Kind::kFatal);
  EXPECT_EQ(try_join(unused).error().message, "this join token was withdrawn");
  EXPECT_FALSE(access_.revoke("tokyo"));
  EXPECT_FALSE(access_.revoke("nobody"));
}

TEST_F(AgentCertificateTest, OnceRevokedAnAgentReturnsOnlyWhenItIsEnrolledAnew) {
  const AgentCredentials old = join();
  ASSERT_TRUE(access_.revoke("tokyo"));
  EXPECT_THAT(access_.enroll(agent_in("tokyo"), 1h, false).error().message,
              HasSubstr("was revoked"));
  const auto fresh = try_join(token("tokyo", 1h, true));
  ASSERT_TRUE(fresh);
  connect(*fresh);
  EXPECT_EQ(refusal(old).error_code(), StatusCode::PERMISSION_DENIED);
}

TEST_F(AgentCertificateTest, OnceRevokedTheAgentStopsTrying) {
  const AgentCredentials credentials = join();
  Agent agent(collector_.port(), credentials.identity, stream_test::spool_in(),
              [&] { return agent::channel_credentials(credentials); });
  agent.start();
  ASSERT_TRUE(eventually([&] { return agent.connections() == 1; }));
  ASSERT_TRUE(access_.revoke("tokyo"));
  ASSERT_TRUE(eventually([&] { return agent.refusal().has_value(); }));
  EXPECT_EQ(agent.refusal()->message, "agent \"tokyo\" was revoked");
  EXPECT_EQ(agent.connections(), 1);
}

// ---- renewed

TEST_F(AgentCertificateTest, ARenewedOneIsAnotherOfTheSameAgent) {
  const AgentCredentials first = join();
  const auto second = renew(first);
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->identity, first.identity);
  EXPECT_NE(second->key, first.key);
  EXPECT_NE(second->certificate, first.certificate);
  connect(*second);
}

TEST_F(AgentCertificateTest, AStreamGoesOnWhileItsCertificateIsRenewed) {
  const AgentCredentials first = join();
  const auto stream = connect(first);
  ASSERT_TRUE(renew(first));
  v1::Measurement measurement = encode(measured("0000000000000001"));
  ASSERT_TRUE(stream->result(1, measurement));
  EXPECT_TRUE(stream->read_next(FakeAgentStream::Body::kAcknowledgement));
}

TEST_F(AgentCertificateTest, WithoutOneNothingIsRenewed) {
  AgentCredentials none = join();
  AgentCredentials bare = none;
  bare.key.clear();
  bare.certificate.clear();
  EXPECT_THAT(renew(bare).error().message, HasSubstr("an agent needs a certificate"));
}

TEST_F(AgentCertificateTest, WhoRenewsTooOftenIsPutOffAndStaysAnAgent) {
  const AgentCredentials first = join();
  auto renewed = renew(first);
  for (int asked = 1; renewed && asked < 100; ++asked) renewed = renew(first);
  ASSERT_FALSE(renewed);
  EXPECT_EQ(renewed.error().kind, Error::Kind::kTransient);
  EXPECT_THAT(renewed.error().message, HasSubstr("it may ask for another one later"));
  connect(first);
}

// Regression: strangers read SQLite's words.
TEST_F(AgentCertificateTest, WhatIsWrongWithTheDatabaseStaysWithTheCollector) {
  const AgentCredentials credentials = join();
  const std::string unused = token("london");
  auto file = Database::open(folder_ / "access.db", Database::Access::kReadWrite).value();
  ASSERT_TRUE(file.execute("ALTER TABLE certificate RENAME TO gone"));
  for (const std::string& said :
       {refusal(credentials).error_message(), renew(credentials).error().message,
        try_join(unused).error().message}) {
    EXPECT_THAT(said, HasSubstr("cannot find out at present"));
    EXPECT_THAT(said, Not(HasSubstr("table")));
  }
}

// Lifetimes of seconds, so that several pass.
class ShortCertificateTest : public EnrollmentTest {
 protected:
  ShortCertificateTest() : EnrollmentTest(6s) {}

  const agent::IdentityStore identity_{folder_.path()};
};

TEST_F(ShortCertificateTest, AnAgentOutlivesItsCertificatesAndLosesNothing) {
  const AgentCredentials first = join();
  ASSERT_TRUE(identity_.save(first));
  agent::Renewal renewal(first, address(), identity_, system_clock());
  Agent agent(collector_.port(), first.identity, stream_test::spool_in(),
              [&] { return renewal.channel_credentials(); });
  agent.start();
  ASSERT_TRUE(eventually([&] { return agent.connections() == 1; }));
  const auto until = first.valid_until + 3s;
  int measured = 0;
  while (system_clock().wall() < until) {
    agent.measure(fmt::format("{:016}", ++measured));
    std::this_thread::sleep_for(50ms);
  }
  // A connection made now shows what is newest, to a collector whose own has been renewed as well.
  collector_.stop_gateway();
  collector_.listen();
  ASSERT_TRUE(eventually([&] { return agent.connections() == 2; }));
  EXPECT_TRUE(eventually([&] { return agent.spooled() == 0; }));
  EXPECT_EQ(count_results(), measured);
  EXPECT_EQ(agent.refusal(), std::nullopt);
  const AgentCredentials kept = identity_.load().value().value();
  EXPECT_GT(kept.valid_until, first.valid_until + 2s);
}

// Regression: that was the end of the agent.
TEST_F(ShortCertificateTest, IsRenewedOnceAClockThatWentPastItsEndIsRight) {
  const AgentCredentials first = join();
  ASSERT_TRUE(identity_.save(first));
  ShiftedClock agents_clock;
  agents_clock.step_wall(1h);
  const agent::Renewal renewal(first, address(), identity_, agents_clock);
  std::this_thread::sleep_for(200ms);  // it has looked
  agents_clock.step_wall(-1h);
  EXPECT_TRUE(
      eventually([&] { return identity_.load().value()->valid_until > first.valid_until; }));
}

TEST_F(ShortCertificateTest, AStreamEndsWithTheLastCertificateOfItsAgent) {
  const AgentCredentials credentials = join();
  const auto stream = connect(credentials);
  const grpc::Status status = stream->wait_end();
  EXPECT_EQ(status.error_code(), StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), HasSubstr("unless that is wrong, enrol it again"));
}

TEST_F(ShortCertificateTest, TheCollectorShowsARenewedOneWithoutARestart) {
  const auto shown = [&] {
    return parse_certificates(fakes::read_text(folder_ / "tls/server.pem")).value();
  };
  const WallTime first = valid_until(*shown().front());
  ASSERT_TRUE(eventually([&] { return system_clock().wall() > first + 1s; }));
  EXPECT_GT(valid_until(*shown().front()), system_clock().wall());
  // In time for this one.
  connect(join());
}

}  // namespace
}  // namespace firstbyte::enrollment_test
