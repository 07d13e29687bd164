#include <google/protobuf/stubs/logging.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "collector/access/certificate_authority.h"
#include "collector/access/secret.h"
#include "firstbyte/v1/enrollment.pb.h"
#include "tests/fakes/temp_dir.h"
#include "tests/fuzz/require.h"

namespace {

using namespace firstbyte;
using collector::CertificateAuthority;
using fuzz::require;

constexpr WallTime kNow{std::chrono::seconds{1'790'000'000}};
constexpr std::string_view kAgent = "tokyo";

const CertificateAuthority& authority() {
  static const CertificateAuthority kOne = [] {
    const fakes::TempDir folder;
    return CertificateAuthority::open(folder.path(), kNow).value();
  }();
  return kOne;
}

// Whatever is asked for, what is issued is an agent's, and that agent's.
void look_at(std::string_view request) {
  using std::chrono::hours;
  const auto issued =
      authority().issue_agent(kAgent, request, collector::valid_for(kNow, hours{24}));
  if (!issued) {
    require(!issued.error().message.empty(), "a refusal says why");
    return;
  }
  X509& certificate = **issued;
  require(agent_of(certificate) == kAgent, "it is for the agent that was asked about");
  require(common_name(X509_get_subject_name(&certificate)) == kAgent, "it is called so, too");
  require(X509_check_ca(&certificate) == 0, "it signs no others");
  require((X509_get_extended_key_usage(&certificate) & XKU_SSL_SERVER) == 0,
          "it is not a collector's");
  require(is_p256(*X509_get0_pubkey(&certificate)), "its key is on P-256");
  require(valid_until(certificate) == kNow + hours{24}, "it ends when it should");
}

void look_at_token(std::string_view token) {
  const auto secret = collector::parse_secret(collector::kJoinTokenPrefix, token);
  if (!secret) return;
  require(secret->text == token, "a token is taken whole");
  require(token.find(secret->id) == collector::kJoinTokenPrefix.size(), "its name is in it");
  require(secret->hash.size() == 64, "its digest is one");
}

std::string in_pem(const std::uint8_t* der, std::size_t size) {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio(bio, PEM_STRING_X509_REQ, "", der, static_cast<long>(size));
  char* text = nullptr;
  const long length = BIO_get_mem_data(bio, &text);
  std::string pem(text, static_cast<std::size_t>(length));
  BIO_free(bio);
  return pem;
}

}  // namespace

// What somebody without a certificate can send to the collector: the whole message, or the DER of
// the request, which is hardly met through base64.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const google::protobuf::LogSilencer kSilencer;
  look_at(in_pem(data, size));
  v1::JoinRequest message;
  if (!message.ParseFromArray(data, static_cast<int>(size))) return 0;
  look_at_token(message.token());
  look_at(message.certificate_request());
  return 0;
}
