// How one becomes an agent, and how one does not.

#include <grpcpp/create_channel.h>

#include "agent/identity/authority_fetch.h"
#include "tests/fakes/scripted_server.h"
#include "tests/integration/enrollment_fixture.h"

namespace firstbyte::enrollment_test {
namespace {

constexpr std::string_view kForeignFingerprint =
    "sha256:0000000000000000000000000000000000000000000000000000000000000000";

std::string request_pem(EVP_PKEY& key, std::string_view name = {}) {
  return to_pem(*make_certificate_request(key, name).value());
}

TEST_F(EnrollmentTest, AJoinTokenBecomesACertificate) {
  const AgentCredentials credentials = join("frankfurt");
  EXPECT_EQ(credentials.identity, agent_in("frankfurt"));
  const auto certificate = std::move(parse_certificates(credentials.certificate).value().front());
  EXPECT_EQ(agent_of(*certificate), "frankfurt");
  EXPECT_EQ(common_name(X509_get_subject_name(certificate.get())), "frankfurt");
  EXPECT_GT(credentials.valid_until, system_clock().wall() + std::chrono::days{89});
  const auto listed = access_.list().value();
  ASSERT_THAT(listed, SizeIs(1));
  EXPECT_EQ(listed.front().serial, serial_number(*certificate));
  EXPECT_EQ(listed.front().fingerprint, fingerprint(*certificate));
}

TEST_F(EnrollmentTest, AnAgentThatHasJoinedIsWelcomeAndStandsWhereItWasEnrolled) {
  const AgentCredentials credentials = join();
  AgentIdentity said = credentials.identity;
  said.city = "Atlantis";
  said.asn = 64512;
  const auto stream = dial(credentials);
  ASSERT_TRUE(stream->hello(said));
  ASSERT_TRUE(stream->is_welcome());
  const auto connected = collector_.agents().find("tokyo");
  ASSERT_TRUE(connected);
  EXPECT_EQ(connected->identity.city, "Tokyo");
  EXPECT_EQ(connected->identity.asn, 64512U);
}

TEST_F(EnrollmentTest, TellsWhoIsConnectedAndWhoWas) {
  const AgentCredentials credentials = join();
  EXPECT_FALSE(access_.list()->front().connected);
  auto stream = connect(credentials);
  EXPECT_TRUE(eventually([&] { return access_.list()->front().connected; }));
  EXPECT_TRUE(access_.list()->front().last_seen_at);
  stream->hang_up();
  EXPECT_TRUE(eventually([&] { return !access_.list()->front().connected; }));
}

// ---- join tokens

TEST_F(EnrollmentTest, AJoinTokenIsGoodOnce) {
  const std::string once = token();
  ASSERT_TRUE(try_join(once));
  const auto again = try_join(once);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().field, "--token");
  EXPECT_EQ(again.error().message, "this join token has been used before");
  EXPECT_THAT(access_.list().value(), SizeIs(1));
}

TEST_F(EnrollmentTest, AJoinTokenIsGoodOnceAlsoForTwoAtTheSameMoment) {
  const std::string once = token();
  std::vector<std::future<bool>> joins;
  joins.reserve(8);
  for (int i = 0; i < 8; ++i) {
    joins.push_back(std::async(std::launch::async, [&] { return try_join(once).has_value(); }));
  }
  int joined = 0;
  for (auto& done : joins) joined += done.get() ? 1 : 0;
  EXPECT_EQ(joined, 1);
}

TEST_F(EnrollmentTest, AJoinTokenExpires) {
  const std::string late = token("tokyo", 60s);
  clock_.advance(60s);
  EXPECT_THAT(try_join(late).error().message, StartsWith("this join token has expired at "));
  EXPECT_THAT(access_.list().value(), SizeIs(0));
}

TEST_F(EnrollmentTest, AJoinTokenThatNobodyMadeIsUnknown) {
  std::string wrong = token();
  wrong.back() = wrong.back() == '0' ? '1' : '0';
  const std::string sentence = "this join token is not one of this collector's";
  EXPECT_EQ(try_join(wrong).error().message, sentence);
  EXPECT_EQ(try_join("fbj_000000000000_" + std::string(64, '0')).error().message, sentence);
}

TEST_F(EnrollmentTest, WhatIsNoJoinTokenIsRefused) {
  for (const std::string& text : {std::string(), std::string("fbj_"), std::string("fbt_x"),
                                  std::string(100'000, 'x'), std::string("fbj_\0x", 6)}) {
    EXPECT_EQ(try_join(text).error().message, "this is not a join token (fbj_...)");
  }
}

TEST_F(EnrollmentTest, AnIdThatIsTakenIsNotEnrolledAgain) {
  const std::string before = token();
  join();
  const auto again = access_.enroll(agent_in("tokyo"), 1h, false);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().field, "--id");
  EXPECT_THAT(again.error().message, HasSubstr("agent \"tokyo\" is enrolled already"));
  EXPECT_EQ(try_join(before).error().message,
            "agent \"tokyo\" was enrolled meanwhile by another token");
}

TEST_F(EnrollmentTest, OneThatTakesAnothersPlaceEndsTheOthersConnection) {
  const AgentCredentials old = join();
  const auto stream = connect(old);
  const auto fresh = try_join(token("tokyo", 1h, true));
  ASSERT_TRUE(fresh);
  const grpc::Status status = stream->wait_end();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  connect(*fresh);
  EXPECT_EQ(refusal(old).error_code(), grpc::StatusCode::PERMISSION_DENIED);
}

// ---- certificate requests

class CertificateRequestTest : public EnrollmentTest {
 protected:
  grpc::Status try_request(const std::string& request) {
    const auto stub = v1::Enrollment::NewStub(grpc::CreateChannel(
        address(),
        grpc::SslCredentials(
            {.pem_root_certs = tls_->trust_pem(), .pem_private_key = {}, .pem_cert_chain = {}})));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + 10s);
    v1::JoinRequest message;
    message.set_token(token_);
    message.set_certificate_request(request);
    v1::Credentials reply;
    return stub->Join(&context, message, &reply);
  }
  void expect_refused(const std::string& request, const std::string& sentence) {
    const grpc::Status status = try_request(request);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), HasSubstr(sentence));
    EXPECT_THAT(access_.list().value(), SizeIs(0));
  }

  const std::string token_ = token();
};

TEST_F(CertificateRequestTest, ForAnotherAgentIsRefusedAndLeavesTheTokenGood) {
  const auto key = make_private_key().value();
  expect_refused(request_pem(*key, "london"),
                 "the certificate request is for another agent than \"tokyo\"");
  EXPECT_TRUE(try_request(request_pem(*key, "tokyo")).ok());
}

TEST_F(CertificateRequestTest, WithAnotherKeyThanP256IsRefused) {
  const std::string sentence = "the certificate request's key is not an EC key on P-256";
  const PrivateKey weak_rsa(EVP_RSA_gen(1024));
  const PrivateKey weak_curve(EVP_EC_gen("P-224"));
  const PrivateKey other_curve(EVP_EC_gen("P-384"));
  for (const PrivateKey* key : {&weak_rsa, &weak_curve, &other_curve}) {
    expect_refused(request_pem(**key), sentence);
  }
}

TEST_F(CertificateRequestTest, OfAKeyThatItsMakerDoesNotHaveIsRefused) {
  const auto own = make_private_key().value();
  const auto others = make_private_key().value();
  const auto request = make_certificate_request(*own, {}).value();
  X509_REQ_set_pubkey(request.get(), others.get());
  expect_refused(to_pem(*request), "is not signed by its own key");
}

TEST_F(CertificateRequestTest, ThatIsNoneIsRefused) {
  const auto key = make_private_key().value();
  const std::string good = request_pem(*key);
  expect_refused("", "it is no certificate request");
  expect_refused("nonsense", "it is no certificate request");
  expect_refused(good.substr(0, good.size() / 2), "it is no certificate request");
  expect_refused(std::string(9000, 'x'), "the certificate request is too long");
}

// ---- the first contact

TEST_F(EnrollmentTest, ACollectorWithAnotherFingerprintIsNotJoined) {
  const std::string unused = token();
  const auto joined =
      agent::join_collector({address(), unused, std::string(kForeignFingerprint)}, 10s);
  ASSERT_FALSE(joined);
  EXPECT_EQ(joined.error().field, "--ca-fingerprint");
  EXPECT_THAT(joined.error().message, HasSubstr("shows no certificate with this fingerprint"));
  EXPECT_TRUE(try_join(unused));
}

TEST_F(EnrollmentTest, ACollectorThatIsNotThereIsNamed) {
  const std::string gone = address();
  collector_.stop_gateway();
  const auto joined = agent::join_collector({gone, token(), std::string(kForeignFingerprint)}, 10s);
  EXPECT_EQ(joined.error().field, "--collector");
  EXPECT_THAT(joined.error().message, HasSubstr("Connection refused"));
}

TEST_F(EnrollmentTest, WhatSpeaksNoTlsIsNoCollector) {
  fakes::ScriptedServer server(
      [](auto& connection) { connection.send("HTTP/1.1 400 Bad Request\r\n\r\n"); });
  const auto found = agent::fetch_authority(fmt::format("127.0.0.1:{}", server.port()),
                                            std::string(kForeignFingerprint), 10s);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().field, "--collector");
  EXPECT_THAT(found.error().message, HasSubstr("does not answer as a collector with TLS"));
}

TEST_F(EnrollmentTest, ACollectorUnderANameThatIsNotItsOwnIsNotJoined) {
  // 127.0.0.2 is the same machine, and no name in the certificate.
  collector_.stop_gateway();
  collector::AgentGateway::Options options{
      .address = "0.0.0.0:0", .tls = tls_.get(), .access = &access_};
  auto gateway = collector::AgentGateway::start(options, *store_, collector_.agents(),
                                                collector_.dispatcher(), system_clock())
                     .value();
  const auto joined = agent::join_collector(
      {fmt::format("127.0.0.2:{}", gateway->port()), token(), tls_->trust_fingerprint()}, 10s);
  ASSERT_FALSE(joined);
  EXPECT_EQ(joined.error().field, "--collector");
}

}  // namespace
}  // namespace firstbyte::enrollment_test
