#include "common/certificates.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "common/measurement.h"

namespace firstbyte {
namespace {

constexpr std::string_view kAgentUriPrefix = "urn:firstbyte:agent:";
constexpr std::string_view kFingerprintPrefix = "sha256:";

using Bio = std::unique_ptr<BIO, OpenSslFree<BIO_free_all>>;
using Number = std::unique_ptr<BIGNUM, OpenSslFree<BN_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, OpenSslFree<GENERAL_NAMES_free>>;

Bio reader(std::string_view text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

template <typename Write>
std::string written(Write write) {
  const Bio bio(BIO_new(BIO_s_mem()));
  write(bio.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

// Nobody is there to type one.
int no_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) { return 0; }

WallTime to_wall(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return WallTime{};
  return WallTime{std::chrono::seconds{timegm(&parts)}};
}

}  // namespace

std::string openssl_error() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "unknown" : reason;
}

Expected<PrivateKey> make_private_key() {
  PrivateKey key(EVP_EC_gen("P-256"));
  if (!key) return invalid({}, "no key could be made: " + openssl_error());
  return key;
}

bool is_p256(const EVP_PKEY& key) {
  if (EVP_PKEY_get_base_id(&key) != EVP_PKEY_EC) return false;
  std::array<char, 32> group{};
  std::size_t size = 0;
  return EVP_PKEY_get_group_name(&key, group.data(), group.size(), &size) == 1 &&
         std::string_view(group.data(), size) == SN_X9_62_prime256v1;
}

std::string to_pem(const EVP_PKEY& key) {
  return written([&](BIO* bio) {
    PEM_write_bio_PrivateKey(bio, &key, nullptr, nullptr, 0, nullptr, nullptr);
  });
}

std::string to_pem(const X509& certificate) {
  return written([&](BIO* bio) { PEM_write_bio_X509(bio, &certificate); });
}

std::string to_pem(const X509_REQ& request) {
  return written([&](BIO* bio) { PEM_write_bio_X509_REQ(bio, &request); });
}

Expected<PrivateKey> parse_private_key(std::string_view pem) {
  const Bio bio = reader(pem);
  PrivateKey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
  if (!key) return invalid({}, "no private key can be read from it: " + openssl_error());
  return key;
}

Expected<std::vector<Certificate>> parse_certificates(std::string_view pem) {
  const Bio bio = reader(pem);
  std::vector<Certificate> certificates;
  while (true) {
    Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr));
    if (!certificate) break;
    certificates.push_back(std::move(certificate));
  }
  // The end of the text is an error like others.
  const bool ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const std::string error = openssl_error();
  if (!ended || certificates.empty()) {
    return invalid({}, ended ? "there is no certificate in it"
                             : "a certificate in it cannot be read: " + error);
  }
  return certificates;
}

Expected<CertificateRequest> parse_certificate_request(std::string_view pem) {
  const Bio bio = reader(pem);
  CertificateRequest request(PEM_read_bio_X509_REQ(bio.get(), nullptr, no_password, nullptr));
  if (!request) return invalid({}, "it is no certificate request: " + openssl_error());
  return request;
}

Expected<CertificateRequest> make_certificate_request(EVP_PKEY& key, std::string_view name) {
  CertificateRequest request(X509_REQ_new());
  const auto* bytes = reinterpret_cast<const unsigned char*>(name.data());
  const bool named =
      name.empty() ||
      X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(request.get()), "CN", MBSTRING_UTF8,
                                 bytes, static_cast<int>(name.size()), -1, 0) == 1;
  if (!named || X509_REQ_set_pubkey(request.get(), &key) != 1 ||
      X509_REQ_sign(request.get(), &key, EVP_sha256()) <= 0) {
    return invalid({}, "no certificate request could be made: " + openssl_error());
  }
  return request;
}

bool belongs_to(const X509& certificate, const EVP_PKEY& key) {
  const bool same = X509_check_private_key(&certificate, &key) == 1;
  ERR_clear_error();
  return same;
}

std::string fingerprint(const X509& certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  X509_digest(&certificate, EVP_sha256(), digest.data(), &size);
  return fmt::format("{}{:02x}", kFingerprintPrefix,
                     fmt::join(digest.begin(), digest.begin() + size, ""));
}

bool is_fingerprint(std::string_view text) {
  if (!text.starts_with(kFingerprintPrefix)) return false;
  text.remove_prefix(kFingerprintPrefix.size());
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string serial_number(const X509& certificate) {
  const Number number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(&certificate), nullptr));
  char* text = BN_bn2hex(number.get());
  std::string serial = text == nullptr ? "" : text;
  OPENSSL_free(text);
  return serial;
}

WallTime valid_from(const X509& certificate) { return to_wall(X509_get0_notBefore(&certificate)); }

WallTime valid_until(const X509& certificate) { return to_wall(X509_get0_notAfter(&certificate)); }

std::string common_name(const X509_NAME* name) {
  const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (at < 0) return {};
  unsigned char* text = nullptr;
  const int size =
      ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
  if (size < 0) return {};
  std::string value(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
  OPENSSL_free(text);
  return value;
}

std::string agent_uri(std::string_view agent_id) {
  return fmt::format("{}{}", kAgentUriPrefix, agent_id);
}

std::optional<std::string> agent_of(const X509& certificate) {
  const Names names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  if (!names || sk_GENERAL_NAME_num(names.get()) != 1) return std::nullopt;
  const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), 0);
  if (name->type != GEN_URI) return std::nullopt;
  const ASN1_IA5STRING* uri = name->d.uniformResourceIdentifier;
  const std::string_view text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                              static_cast<std::size_t>(ASN1_STRING_length(uri)));
  if (!text.starts_with(kAgentUriPrefix)) return std::nullopt;
  std::string id(text.substr(kAgentUriPrefix.size()));
  if (!is_agent_id(id)) return std::nullopt;
  return id;
}

}  // namespace firstbyte
