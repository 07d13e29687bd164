#include "collector/ingest/server_tls.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/fakes/collector_golden.h"
#include "tests/fakes/manual_clock.h"
#include "tests/fakes/temp_dir.h"

namespace firstbyte::collector {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

// An operator whose certificates come from authorities of its own.
class OperatorsTlsTest : public testing::Test {
 protected:
  CertificateAuthority authority(const std::string& name) const {
    const std::filesystem::path folder = folder_ / name;
    std::filesystem::create_directories(folder);
    return CertificateAuthority::open(folder, system_clock().wall()).value();
  }
  // The files as the operator leaves them: a certificate of `issuer`, and `roots` to trust.
  void put(const CertificateAuthority& issuer, const std::string& roots) const {
    const PrivateKey key = make_private_key().value();
    folder_.write("key.pem", to_pem(*key));
    chmod((folder_ / "key.pem").c_str(), 0600);
    folder_.write(
        "cert.pem",
        to_pem(*issuer.issue_server({"localhost"}, *key, valid_for(system_clock().wall(), 24h))
                    .value()));
    folder_.write("ca.pem", roots);
  }
  ServerTls::Options options() {
    return {.folder = folder_ / "tls",
            .names = {},
            .certificate_file = folder_ / "cert.pem",
            .key_file = folder_ / "key.pem",
            .ca_file = folder_ / "ca.pem",
            .lifetime = std::chrono::days{90},
            .on_trust = [this](const std::string& fingerprint) -> Expected<> {
              if (disk_full_) return fatal("the disk is full", "--data-dir");
              told_.push_back(fingerprint);
              return {};
            }};
  }
  std::unique_ptr<ServerTls> open() { return ServerTls::open(options(), clock_).value(); }
  void look_again(ServerTls& tls) {
    clock_.advance(60s);
    tls.tick();
  }
  std::string shown() const { return fakes::read_text(folder_ / "tls/server.pem"); }

  const fakes::TempDir folder_;
  fakes::ManualClock clock_;
  const CertificateAuthority old_ = authority("old");
  const CertificateAuthority new_ = authority("new");
  const std::string old_mark_ = fingerprint(old_.certificate());
  const std::string new_mark_ = fingerprint(new_.certificate());
  std::vector<std::string> told_;
  bool disk_full_ = false;
};

TEST_F(OperatorsTlsTest, TrustsWhatItsFilesSay) {
  put(old_, old_.certificate_pem());
  const auto tls = open();
  EXPECT_EQ(tls->trust_pem(), old_.certificate_pem());
  EXPECT_EQ(tls->trust_fingerprint(), old_mark_);
  EXPECT_THAT(told_, ElementsAre(old_mark_));
}

// Regression: the certificate was read again, the authorities were not, so agents that joined or
// renewed from then on were given what the collector no longer showed.
TEST_F(OperatorsTlsTest, AnAuthorityThatIsAddedIsGivenToAgentsFromThenOn) {
  put(old_, old_.certificate_pem());
  const auto tls = open();
  folder_.write("ca.pem", new_.certificate_pem() + old_.certificate_pem());
  look_again(*tls);
  EXPECT_EQ(tls->trust_pem(), new_.certificate_pem() + old_.certificate_pem());
  // What a first contact has to see stays the one that the certificate leads to.
  EXPECT_EQ(tls->trust_fingerprint(), old_mark_);
  EXPECT_THAT(told_, ElementsAre(old_mark_));
}

TEST_F(OperatorsTlsTest, ACertificateOfAnotherAuthorityIsToldBeforeItIsShown) {
  put(old_, old_.certificate_pem());
  const auto tls = open();
  put(new_, old_.certificate_pem() + new_.certificate_pem());
  look_again(*tls);
  EXPECT_EQ(tls->trust_fingerprint(), new_mark_);
  EXPECT_THAT(told_, ElementsAre(old_mark_, new_mark_));
  EXPECT_THAT(shown(), HasSubstr(fakes::read_text(folder_ / "cert.pem")));
}

TEST_F(OperatorsTlsTest, WhatCouldNotBeToldIsNotShownUntilItCan) {
  put(old_, old_.certificate_pem());
  const auto tls = open();
  const std::string before = shown();
  put(new_, new_.certificate_pem());
  disk_full_ = true;
  look_again(*tls);
  EXPECT_EQ(shown(), before);
  EXPECT_EQ(tls->trust_fingerprint(), old_mark_);
  disk_full_ = false;
  look_again(*tls);
  EXPECT_NE(shown(), before);
  EXPECT_EQ(tls->trust_fingerprint(), new_mark_);
}

TEST_F(OperatorsTlsTest, FilesThatDoNotFitLeaveWhatWasThere) {
  put(old_, old_.certificate_pem());
  const auto tls = open();
  const std::string before = shown();
  folder_.write("ca.pem", new_.certificate_pem());
  look_again(*tls);
  EXPECT_EQ(shown(), before);
  EXPECT_EQ(tls->trust_pem(), old_.certificate_pem());
}

// Regression: they were not looked at again before the time that the clock had been set to.
TEST_F(OperatorsTlsTest, AreLookedAtAsBeforeOnceAClockThatWasSetAheadIsRight) {
  put(old_, old_.certificate_pem());
  const auto tls = open();
  clock_.step_wall(100 * 24h);
  look_again(*tls);
  clock_.step_wall(-100 * 24h);
  put(new_, new_.certificate_pem());
  look_again(*tls);
  EXPECT_EQ(tls->trust_fingerprint(), new_mark_);
}

TEST_F(OperatorsTlsTest, IsCheckedWithoutWritingAnything) {
  put(old_, new_.certificate_pem());
  const auto checked = ServerTls::check_files(options());
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().field, "--grpc-certificate");
  put(old_, old_.certificate_pem());
  EXPECT_TRUE(ServerTls::check_files(options()));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "tls"));
}

// A collector that makes its certificates itself, good for ninety days.
class OwnTlsTest : public testing::Test {
 protected:
  // Whether what is shown after a look is valid by this clock, at both ends.
  bool shows_a_valid_one() {
    tls_->tick();
    const auto shown = parse_certificates(fakes::read_text(folder_ / "tls/server.pem")).value();
    const X509& certificate = *shown.front();
    return valid_from(certificate) <= clock_.wall() && clock_.wall() < valid_until(certificate);
  }
  std::string shown() const { return fakes::read_text(folder_ / "tls/server.pem"); }

  const fakes::TempDir folder_;
  fakes::ManualClock clock_;
  const std::unique_ptr<ServerTls> tls_ = ServerTls::open({.folder = folder_ / "tls",
                                                           .names = {"localhost"},
                                                           .certificate_file = {},
                                                           .key_file = {},
                                                           .ca_file = {}},
                                                          clock_)
                                              .value();
};

TEST_F(OwnTlsTest, StaysForTwoThirdsOfItsTime) {
  const std::string first = shown();
  clock_.advance(59 * 24h);
  tls_->tick();
  EXPECT_EQ(shown(), first);
  clock_.advance(1 * 24h);
  tls_->tick();
  EXPECT_NE(shown(), first);
}

// Regression: what was made while the clock was wrong was shown, before its time, until that came.
TEST_F(OwnTlsTest, IsMadeAnewWhenTheClockIsSetAheadAndWhenItIsSetBack) {
  clock_.step_wall(61 * 24h);
  EXPECT_TRUE(shows_a_valid_one());
  clock_.step_wall(-61 * 24h);
  EXPECT_TRUE(shows_a_valid_one());
  clock_.step_wall(-2h);
  EXPECT_TRUE(shows_a_valid_one());
}

}  // namespace
}  // namespace firstbyte::collector
