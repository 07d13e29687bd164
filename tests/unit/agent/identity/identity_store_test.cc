#include "agent/identity/identity_store.h"

#include <gmock/gmock.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "common/certificates.h"
#include "tests/fakes/fake_identity.h"
#include "tests/fakes/temp_dir.h"

namespace firstbyte::agent {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class IdentityStoreTest : public testing::Test {
 protected:
  std::string file() const { return folder_ / "identity.pem"; }
  std::string text() const {
    std::ifstream stream(file(), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  }
  void overwrite(const std::string& content) const { folder_.write("identity.pem", content); }
  Error refusal() const {
    const auto loaded = store_.load();
    EXPECT_FALSE(loaded);
    return loaded ? Error{} : loaded.error();
  }

  fakes::TempDir folder_;
  const IdentityStore store_{folder_.path()};
  const AgentCredentials credentials_ = fakes::make_credentials("sao-paulo", "São Paulo");
};

TEST_F(IdentityStoreTest, IsEmptyBeforeTheJoin) { EXPECT_EQ(store_.load().value(), std::nullopt); }

TEST_F(IdentityStoreTest, GivesBackWhatItWasGiven) {
  ASSERT_TRUE(store_.save(credentials_));
  const AgentCredentials loaded = store_.load().value().value();
  EXPECT_EQ(loaded.identity, credentials_.identity);
  EXPECT_EQ(loaded.collector, credentials_.collector);
  EXPECT_EQ(loaded.key, credentials_.key);
  EXPECT_EQ(loaded.certificate, credentials_.certificate);
  EXPECT_EQ(loaded.collector_ca, credentials_.collector_ca);
  EXPECT_EQ(loaded.valid_until, credentials_.valid_until);
}

TEST_F(IdentityStoreTest, IsForItsOwnerOnly) {
  ASSERT_TRUE(store_.save(credentials_));
  struct stat status{};
  ASSERT_EQ(stat(file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(IdentityStoreTest, OpenToOthersIsRefused) {
  ASSERT_TRUE(store_.save(credentials_));
  for (const mode_t mode : {0604, 0602, 0620, 0644, 0666}) {
    chmod(file().c_str(), mode);
    EXPECT_EQ(refusal().field, "--data-dir");
    EXPECT_THAT(refusal().message, HasSubstr("is open to others (mode 0")) << mode;
  }
  chmod(file().c_str(), 0640);
  EXPECT_TRUE(store_.load());
}

TEST_F(IdentityStoreTest, CutShortAnywhereIsRefused) {
  ASSERT_TRUE(store_.save(credentials_));
  const std::string whole = text();
  for (std::size_t size = 0; size + 1 < whole.size(); size += 17) {
    overwrite(whole.substr(0, size));
    const Error error = refusal();
    EXPECT_EQ(error.field, "--data-dir") << size;
    EXPECT_THAT(error.message, HasSubstr("is not an identity that can be used: ")) << size;
  }
}

TEST_F(IdentityStoreTest, OfSomethingElseIsRefused) {
  const mode_t before = umask(077);
  overwrite("nonsense");
  umask(before);
  EXPECT_THAT(refusal().message, HasSubstr("it does not begin with whom it is of"));
}

TEST_F(IdentityStoreTest, WithPartsThatDoNotBelongTogetherIsRefused) {
  AgentCredentials mixed = credentials_;
  mixed.key = fakes::make_credentials("sao-paulo", "São Paulo").key;
  ASSERT_TRUE(store_.save(mixed));
  EXPECT_THAT(refusal().message, HasSubstr("the certificate is not for the key"));

  mixed = credentials_;
  mixed.identity.id = "tokyo";
  ASSERT_TRUE(store_.save(mixed));
  EXPECT_THAT(refusal().message, HasSubstr("the certificate is not agent \"tokyo\"'s"));

  mixed = credentials_;
  mixed.collector_ca.clear();
  ASSERT_TRUE(store_.save(mixed));
  EXPECT_THAT(refusal().message, HasSubstr("the collector's authority is not in it"));
}

TEST_F(IdentityStoreTest, SaysWhenItsCertificateIsGood) {
  EXPECT_TRUE(check_valid(credentials_, credentials_.valid_from));
  EXPECT_THAT(check_valid(credentials_, credentials_.valid_until).error().message,
              testing::AllOf(HasSubstr("has ended at "), HasSubstr("unless that is wrong")));
  EXPECT_THAT(check_valid(credentials_, credentials_.valid_from - 1s).error().message,
              HasSubstr("and this machine's clock says "));
}

}  // namespace
}  // namespace firstbyte::agent
