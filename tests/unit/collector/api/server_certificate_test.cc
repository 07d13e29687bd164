#include "collector/api/server_certificate.h"

#include <gmock/gmock.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include "tests/fakes/collector_golden.h"
#include "tests/fakes/nginx_server.h"

namespace firstbyte::collector {
namespace {

using testing::StartsWith;
using namespace std::chrono_literals;

class ServerCertificateTest : public testing::Test {
 protected:
  ServerCertificateTest() { authority_.issue("a", 30); }

  CertificateFiles files(const std::string& certificate = "a", const std::string& key = "a") const {
    return {folder_ / (certificate + ".crt"), folder_ / (key + ".key")};
  }
  // What is said of files that are not fit.
  static std::string refusal(const CertificateFiles& files) {
    const auto loaded = ServerCertificate::load(files);
    EXPECT_FALSE(loaded);
    return loaded ? "" : loaded.error().field + ": " + loaded.error().message;
  }
  static std::string subject(const std::shared_ptr<SSL_CTX>& context) {
    std::string name(256, '\0');
    X509_NAME_get_text_by_NID(X509_get_subject_name(SSL_CTX_get0_certificate(context.get())),
                              NID_commonName, name.data(), static_cast<int>(name.size()));
    return name.c_str();
  }
  // As renewal tools do it.
  void put(const std::string& from, const std::string& to) const {
    std::filesystem::copy_file(folder_ / from, folder_ / (to + ".new"));
    std::filesystem::rename(folder_ / (to + ".new"), folder_ / to);
  }

  const fakes::TempDir folder_;
  const fakes::CertificateAuthority authority_{folder_};
};

TEST_F(ServerCertificateTest, IsReadFromItsFiles) {
  auto certificate = ServerCertificate::load(files());
  ASSERT_TRUE(certificate) << certificate.error().message;
  EXPECT_EQ(subject(certificate->context(MonotonicTime{1h})), "a.test");
}

TEST_F(ServerCertificateTest, SaysWhichFileIsNotThere) {
  EXPECT_EQ(refusal(files("gone", "a")), "--http-certificate: cannot read " + folder_ / "gone.crt" +
                                             ": No such file or directory");
  EXPECT_EQ(refusal(files("a", "gone")),
            "--http-key: cannot read " + folder_ / "gone.key" + ": No such file or directory");
}

TEST_F(ServerCertificateTest, SaysWhichFileHoldsSomethingElse) {
  folder_.write("b.crt", "hello");
  chmod(folder_.write("b.key", "hello").c_str(), 0600);
  EXPECT_THAT(refusal(files("b", "a")),
              StartsWith("--http-certificate: cannot use " + folder_ / "b.crt"));
  EXPECT_THAT(refusal(files("a", "b")), StartsWith("--http-key: cannot use " + folder_ / "b.key"));
  EXPECT_THAT(refusal({folder_ / "a.key", folder_ / "a.key"}), StartsWith("--http-certificate: "));
  EXPECT_THAT(refusal({folder_ / "a.crt", folder_ / "a.crt"}), StartsWith("--http-key: "));
}

// Regression: only the other keys were looked at.
TEST_F(ServerCertificateTest, RefusesAKeyThatOthersMayRead) {
  const std::string key = folder_ / "a.key";
  chmod(key.c_str(), 0640);
  EXPECT_TRUE(ServerCertificate::load(files()));
  for (const mode_t mode : {0644, 0660, 0602}) {
    chmod(key.c_str(), mode);
    EXPECT_THAT(refusal(files()), StartsWith("--http-key: " + key + " is open to others (mode "));
  }
}

TEST_F(ServerCertificateTest, ShowsTheWholeChain) {
  folder_.write("chain.crt",
                fakes::read_text(folder_ / "a.crt") + fakes::read_text(folder_ / "ca.crt"));
  auto certificate = ServerCertificate::load(files("chain", "a")).value();
  const auto context = certificate.context(MonotonicTime{1h});
  STACK_OF(X509)* chain = nullptr;
  SSL_CTX_get0_chain_certs(context.get(), static_cast<void*>(&chain));
  EXPECT_EQ(sk_X509_num(chain), 1);
}

TEST_F(ServerCertificateTest, RefusesTheKeyOfAnother) {
  authority_.issue("b", 30);
  EXPECT_EQ(refusal(files("a", "b")),
            "--http-key: cannot use " + folder_ / "b.key" + ": key values mismatch");
}

TEST_F(ServerCertificateTest, RefusesAKeyWithAPassphraseInsteadOfAskingForIt) {
  const std::string command =
      fmt::format("openssl ec -in {0}/a.key -aes128 -passout pass:secret -out {0}/b.key 2>{0}/log",
                  folder_.path().string());
  ASSERT_EQ(std::system(command.c_str()), 0);
  EXPECT_THAT(refusal(files("a", "b")), StartsWith("--http-key: cannot use " + folder_ / "b.key"));
}

TEST_F(ServerCertificateTest, IsReadAgainWhenItsFilesHaveChanged) {
  auto certificate = ServerCertificate::load(files()).value();
  MonotonicTime now{1h};
  const auto before = certificate.context(now);
  EXPECT_EQ(certificate.context(now += 2s), before);
  authority_.issue("b", 30);
  put("b.key", "a.key");
  put("b.crt", "a.crt");
  EXPECT_EQ(certificate.context(now), before);  // it has looked just now
  EXPECT_EQ(subject(certificate.context(now += 2s)), "b.test");
}

TEST_F(ServerCertificateTest, StaysWhileItsFilesDoNotFit) {
  auto certificate = ServerCertificate::load(files()).value();
  MonotonicTime now{1h};
  const auto before = certificate.context(now);
  authority_.issue("b", 30);
  put("b.crt", "a.crt");
  EXPECT_EQ(certificate.context(now += 2s), before);
  put("b.key", "a.key");
  EXPECT_EQ(subject(certificate.context(now += 2s)), "b.test");
  std::filesystem::remove(folder_ / "a.crt");
  EXPECT_EQ(subject(certificate.context(now += 2s)), "b.test");
}

}  // namespace
}  // namespace firstbyte::collector
