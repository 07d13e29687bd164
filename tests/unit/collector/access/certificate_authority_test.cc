#include "collector/access/certificate_authority.h"

#include <gmock/gmock.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include "tests/fakes/collector_golden.h"
#include "tests/fakes/temp_dir.h"

namespace firstbyte::collector {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class CertificateAuthorityTest : public testing::Test {
 protected:
  CertificateAuthority open() { return CertificateAuthority::open(folder_.path(), now_).value(); }
  Error refusal() {
    const auto opened = CertificateAuthority::open(folder_.path(), now_);
    EXPECT_FALSE(opened);
    return opened ? Error{} : opened.error();
  }
  std::string request() { return to_pem(*make_certificate_request(*key_, {}).value()); }

  fakes::TempDir folder_;
  WallTime now_ = std::chrono::floor<std::chrono::seconds>(system_clock().wall());
  PrivateKey key_ = make_private_key().value();
};

TEST_F(CertificateAuthorityTest, KeepsItsKeyForItsOwnerOnly) {
  open();
  struct stat status{};
  ASSERT_EQ(stat((folder_ / "ca.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(CertificateAuthorityTest, IsTheSameAfterARestart) {
  const std::string first = open().certificate_pem();
  EXPECT_EQ(open().certificate_pem(), first);
}

TEST_F(CertificateAuthorityTest, IsAnotherForEachCollector) {
  const fakes::TempDir elsewhere;
  const auto other = CertificateAuthority::open(elsewhere.path(), now_).value();
  EXPECT_NE(fingerprint(open().certificate()), fingerprint(other.certificate()));
}

TEST_F(CertificateAuthorityTest, GoesOnAfterAFirstStartThatBrokeOff) {
  open();
  const std::string key = fakes::read_text(folder_ / "ca.key");
  std::filesystem::remove(folder_ / "ca.pem");
  open();
  EXPECT_EQ(fakes::read_text(folder_ / "ca.key"), key);
}

TEST_F(CertificateAuthorityTest, WithoutItsKeyIsRefused) {
  open();
  std::filesystem::remove(folder_ / "ca.key");
  EXPECT_EQ(refusal().field, "--data-dir");
  EXPECT_THAT(refusal().message, HasSubstr("is there without ca.key"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "ca.key"));
}

TEST_F(CertificateAuthorityTest, WithAKeyThatOthersMayReadIsRefused) {
  open();
  chmod((folder_ / "ca.key").c_str(), 0644);
  EXPECT_THAT(refusal().message, HasSubstr("is open to others (mode 0644); `chmod 600` it"));
}

TEST_F(CertificateAuthorityTest, WithFilesThatAreCutShortIsRefused) {
  open();
  for (const char* name : {"ca.pem", "ca.key"}) {
    const std::string whole = fakes::read_text(folder_ / name);
    for (const std::size_t size : {std::size_t{0}, whole.size() / 2}) {
      folder_.write(name, whole.substr(0, size));
      EXPECT_EQ(refusal().field, "--data-dir") << name << size;
      EXPECT_THAT(refusal().message, HasSubstr(name));
    }
    folder_.write(name, whole);
  }
}

TEST_F(CertificateAuthorityTest, WithTheKeyOfAnotherIsRefused) {
  open();
  folder_.write("ca.key", to_pem(*key_));
  EXPECT_THAT(refusal().message, HasSubstr("is not the certificate of the ca.key beside it"));
}

TEST_F(CertificateAuthorityTest, ThatHasEndedIsRefused) {
  open();
  now_ += std::chrono::days{21 * 365};
  EXPECT_THAT(refusal().message, HasSubstr("ca.pem has ended at "));
}

TEST_F(CertificateAuthorityTest, IssuesToAgentsForClientsAlone) {
  const auto certificate = open().issue_agent("tokyo", request(), valid_for(now_, 24h)).value();
  EXPECT_EQ(agent_of(*certificate), "tokyo");
  EXPECT_EQ(valid_from(*certificate), now_ - kBackdated);
  EXPECT_EQ(valid_until(*certificate), now_ + 24h);
  EXPECT_EQ(X509_check_purpose(certificate.get(), X509_PURPOSE_SSL_CLIENT, 0), 1);
  EXPECT_EQ(X509_check_purpose(certificate.get(), X509_PURPOSE_SSL_SERVER, 0), 0);
  EXPECT_EQ(X509_check_ca(certificate.get()), 0);
}

TEST_F(CertificateAuthorityTest, IssuesToTheCollectorForServersAlone) {
  const auto certificate = open()
                               .issue_server({"collector.example", "192.0.2.1", "2001:db8::1"},
                                             *key_, valid_for(now_, 24h))
                               .value();
  EXPECT_EQ(X509_check_host(certificate.get(), "collector.example", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_ip_asc(certificate.get(), "192.0.2.1", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(certificate.get(), "2001:db8::1", 0), 1);
  EXPECT_EQ(X509_check_host(certificate.get(), "other.example", 0, 0, nullptr), 0);
  EXPECT_EQ(X509_check_purpose(certificate.get(), X509_PURPOSE_SSL_CLIENT, 0), 0);
  EXPECT_EQ(agent_of(*certificate), std::nullopt);
}

TEST_F(CertificateAuthorityTest, GivesEachCertificateANumberOfItsOwn) {
  const auto authority = open();
  const auto one = authority.issue_agent("tokyo", request(), valid_for(now_, 24h)).value();
  const auto other = authority.issue_agent("tokyo", request(), valid_for(now_, 24h)).value();
  EXPECT_NE(serial_number(*one), serial_number(*other));
}

TEST_F(CertificateAuthorityTest, BackdatesShortCertificatesByATenthOfTheirLifetime) {
  const ValidTime valid = valid_for(now_, 60s);
  EXPECT_EQ(valid.from, now_ - 6s);
  EXPECT_EQ(valid.until, now_ + 60s);
}

}  // namespace
}  // namespace firstbyte::collector
