#include "collector/access/agent_access.h"

#include <gmock/gmock.h>

#include <future>
#include <latch>

#include "tests/fakes/manual_clock.h"
#include "tests/fakes/temp_dir.h"

namespace firstbyte::collector {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::SizeIs;
using Refusal = AgentAccess::Refusal;

constexpr std::chrono::seconds kLifetime = std::chrono::days{90};

class AgentAccessTest : public testing::Test {
 protected:
  static AgentIdentity tokyo() { return {"tokyo", "Tokyo", "JP", "Asia", 35.68, 139.69, {}}; }
  std::string token(bool replace = false) {
    return access_.enroll(tokyo(), 1h, replace).value().token;
  }
  Certificate join(bool replace = false, std::chrono::seconds lifetime = kLifetime) {
    return access_.join(token(replace), request_, authority_, lifetime).value().certificate;
  }
  static AgentPeer peer(const X509& certificate) { return {"tokyo", fingerprint(certificate)}; }
  AgentAccess::Answer<AgentAccess::Issued> renew(const X509& certificate,
                                                 std::chrono::seconds lifetime = kLifetime) {
    return access_.renew(peer(certificate), request_, authority_, lifetime);
  }
  std::int64_t count(const char* sql) {
    return database_->read([&](Database& database) { return database.number(sql).value(); });
  }

  const fakes::TempDir folder_;
  fakes::ManualClock clock_;
  const CertificateAuthority authority_ =
      CertificateAuthority::open(folder_.path(), clock_.wall()).value();
  const PrivateKey key_ = make_private_key().value();
  const std::string request_ = to_pem(*make_certificate_request(*key_, {}).value());
  const std::unique_ptr<AccessDatabase> database_ = AccessDatabase::open(folder_.path()).value();
  AgentAccess access_{*database_, clock_};
};

// ---- by what a certificate is known

TEST_F(AgentAccessTest, AdmitsWhoHasTheCertificateThatWasIssued) {
  EXPECT_EQ(access_.admit(peer(*join())), tokyo());
}

// Regression: the serial was compared, which another authority may give out as well.
TEST_F(AgentAccessTest, DoesNotAdmitACertificateThatOnlyHasTheSerialOfOne) {
  const Certificate issued = join();
  const Certificate forged(X509_dup(issued.get()));
  const PrivateKey other = make_private_key().value();
  X509_sign(forged.get(), other.get(), EVP_sha256());
  ASSERT_EQ(serial_number(*forged), serial_number(*issued));
  const auto admitted = access_.admit(peer(*forged));
  ASSERT_FALSE(admitted);
  EXPECT_EQ(admitted.error().why, Refusal::kNotKnown);
  EXPECT_THAT(admitted.error().message, HasSubstr("not one that this collector has issued"));
}

TEST_F(AgentAccessTest, DoesNotAdmitAnotherAgentsCertificate) {
  const Certificate certificate = join();
  const AgentIdentity osaka{"osaka", "Osaka", "JP", "Asia", 34.69, 135.50, {}};
  const std::string its_token = access_.enroll(osaka, 1h, false).value().token;
  ASSERT_TRUE(access_.join(its_token, request_, authority_, kLifetime));
  EXPECT_EQ(access_.admit({"osaka", fingerprint(*certificate)}).error().why, Refusal::kNotKnown);
}

// ---- renewing

TEST_F(AgentAccessTest, RenewsAsOftenAsAnswersGetLostButNotForEver) {
  const Certificate first = join();
  for (int issued = 1; issued < kMostRenewals; ++issued) ASSERT_TRUE(renew(*first)) << issued;
  const auto refused = renew(*first);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().why, Refusal::kTooOften);
  EXPECT_EQ(refused.error().message,
            "agent \"tokyo\" was given 8 certificates lately; it may ask for another one later");
  EXPECT_EQ(count("SELECT count(*) FROM certificate"), kMostRenewals);
  EXPECT_TRUE(access_.admit(peer(*first)));
  clock_.advance(kLifetime / 100);
  EXPECT_TRUE(renew(*first));
}

TEST_F(AgentAccessTest, HowOftenIsCountedForEachAgent) {
  const Certificate first = join();
  for (int asked = 1; asked < kMostRenewals; ++asked) ASSERT_TRUE(renew(*first));
  ASSERT_FALSE(renew(*first));
  const AgentIdentity osaka{"osaka", "Osaka", "JP", "Asia", 34.69, 135.50, {}};
  const auto other =
      access_.join(access_.enroll(osaka, 1h, false).value().token, request_, authority_, kLifetime);
  EXPECT_TRUE(
      access_.renew({"osaka", fingerprint(*other->certificate)}, request_, authority_, kLifetime));
}

// Whoever was replaced gets nothing any more, also when both come at the same moment: the renewal
// looks whether it may in the transaction in which it writes.
TEST_F(AgentAccessTest, ARenewalThatMeetsAReplacementComesBeforeItOrFails) {
  const auto others = AccessDatabase::attach(folder_.path()).value();
  AgentAccess outside(*others, clock_);
  Certificate present = join();
  for (int round = 0; round < 40; ++round) {
    const std::string replacing = token(true);
    std::latch together(2);
    auto renewing = std::async(std::launch::async, [&] {
      together.arrive_and_wait();
      return renew(*present);
    });
    together.arrive_and_wait();
    Certificate replaced =
        outside.join(replacing, request_, authority_, kLifetime).value().certificate;
    const auto renewed = renewing.get();
    if (renewed) {
      EXPECT_EQ(access_.admit(peer(*renewed->certificate)).error().why, Refusal::kRevoked);
    } else {
      EXPECT_EQ(renewed.error().why, Refusal::kRevoked) << renewed.error().message;
    }
    ASSERT_EQ(count("SELECT count(*) FROM certificate WHERE revoked_at IS NULL"), 1) << round;
    present = std::move(replaced);
    clock_.advance(kLifetime / 100);
  }
}

// The same with the order given: the replacement has begun, and ends while the renewal waits for
// it.
TEST_F(AgentAccessTest, ARenewalDuringAReplacementFails) {
  const auto others = AccessDatabase::attach(folder_.path()).value();
  const Certificate present = join();
  std::future<AgentAccess::Answer<AgentAccess::Issued>> renewing;
  ASSERT_TRUE(others->write([&](Database& database) -> Expected<> {
    renewing = std::async(std::launch::async, [&] { return renew(*present); });
    // Time for a renewal that would look before it may write.
    renewing.wait_for(50ms);
    Statement revoke(database, "UPDATE certificate SET revoked_at = 1");
    return revoke.run();
  }));
  const auto renewed = renewing.get();
  ASSERT_FALSE(renewed);
  EXPECT_EQ(renewed.error().why, Refusal::kRevoked);
  EXPECT_EQ(count("SELECT count(*) FROM certificate"), 1);
}

// ---- what is shown and kept

// Regression: the one that ended last was shown, though it had been revoked for another one.
TEST_F(AgentAccessTest, ListsTheCertificateThatIsInUse) {
  join(false, kLifetime);
  const Certificate present = join(true, kLifetime / 2);
  const auto listed = access_.list().value();
  ASSERT_THAT(listed, SizeIs(1));
  EXPECT_EQ(listed.front().serial, serial_number(*present));
  EXPECT_EQ(listed.front().fingerprint, fingerprint(*present));
  EXPECT_EQ(listed.front().certificate_expires_at, valid_until(*present));
}

TEST_F(AgentAccessTest, ListsTheLastCertificateOfAnAgentThatWasRevoked) {
  const Certificate last = join();
  ASSERT_TRUE(access_.revoke("tokyo"));
  EXPECT_EQ(access_.list()->front().serial, serial_number(*last));
}

TEST_F(AgentAccessTest, ForgetsCertificatesThatHaveEnded) {
  Certificate present = join();
  for (int renewals = 0; renewals < 5; ++renewals) {
    clock_.advance(kLifetime * 2 / 3);
    present = std::move(renew(*present).value().certificate);
  }
  ASSERT_EQ(count("SELECT count(*) FROM certificate"), 6);
  access_.forget_ended();
  // Of those renewed at two thirds, the one before the last is good for a third of its time.
  EXPECT_EQ(count("SELECT count(*) FROM certificate"), 2);
  EXPECT_TRUE(access_.admit(peer(*present)));
}

TEST_F(AgentAccessTest, ForgetsNotTheOneThatSaysWhenAnAgentEnded) {
  const Certificate last = join();
  clock_.advance(kLifetime * 2);
  access_.forget_ended();
  const auto listed = access_.list().value();
  EXPECT_EQ(listed.front().certificate_expires_at, valid_until(*last));
  const auto refused = access_.admit(peer(*last)).error();
  EXPECT_EQ(refused.why, AgentAccess::Refusal::kEnded);
  EXPECT_THAT(refused.message, HasSubstr("unless that is wrong, enrol it again"));
}

}  // namespace
}  // namespace firstbyte::collector
