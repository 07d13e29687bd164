#include "collector/access/certificate_authority.h"

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <utility>

#include "common/endpoint.h"
#include "common/private_file.h"

namespace firstbyte::collector {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::days kAuthorityLifetime{20 * 365};
constexpr int kSerialBits = 127;  // more than anyone issues, less than the 20 bytes of RFC 5280

struct Extension {
  int nid;
  std::string value;  // as in OpenSSL's configuration files
};

// What differs between the three kinds of certificate.
struct Content {
  std::string common_name;
  EVP_PKEY* key = nullptr;
  ValidTime valid;
  std::vector<Extension> extensions;
};

struct Signer {
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;  // null: the new one itself
};

bool set_time(ASN1_TIME* field, WallTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time.time_since_epoch());
  return ASN1_TIME_set(field, static_cast<std::time_t>(seconds.count())) != nullptr;
}

bool set_serial(X509* certificate) {
  const std::unique_ptr<BIGNUM, OpenSslFree<BN_free>> number(BN_new());
  return BN_rand(number.get(), kSerialBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool set_common_name(X509* certificate, const std::string& name) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(name.data());
  return X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate), NID_commonName,
                                    MBSTRING_UTF8, bytes, static_cast<int>(name.size()), -1,
                                    0) == 1;
}

bool extend(X509* certificate, X509* issuer, const Extension& extension) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, OpenSslFree<X509_EXTENSION_free>> made(
      X509V3_EXT_conf_nid(nullptr, &context, extension.nid, extension.value.c_str()));
  return made && X509_add_ext(certificate, made.get(), -1) == 1;
}

Expected<Certificate> sign(const Content& content, const Signer& signer) {
  Certificate certificate(X509_new());
  X509* made = certificate.get();
  X509* issuer = signer.certificate != nullptr ? signer.certificate : made;
  bool good = X509_set_version(made, X509_VERSION_3) == 1 && set_serial(made) &&
              set_time(X509_getm_notBefore(made), content.valid.from) &&
              set_time(X509_getm_notAfter(made), content.valid.until) &&
              set_common_name(made, content.common_name) &&
              X509_set_issuer_name(made, X509_get_subject_name(issuer)) == 1 &&
              X509_set_pubkey(made, content.key) == 1;
  for (const Extension& extension : content.extensions) {
    good = good && extend(made, issuer, extension);
  }
  good = good && X509_sign(made, signer.key, EVP_sha256()) > 0;
  if (!good) return invalid({}, "a certificate could not be made: " + openssl_error());
  return certificate;
}

// Each collector's is told from another's by name.
Expected<Certificate> make_authority(EVP_PKEY& key, WallTime now) {
  std::uint32_t mark = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&mark), sizeof mark);
  return sign({.common_name = fmt::format("Firstbyte collector {:08x}", mark),
               .key = &key,
               .valid = valid_for(now, kAuthorityLifetime),
               .extensions = {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                              {NID_key_usage, "critical,keyCertSign,cRLSign"},
                              {NID_subject_key_identifier, "hash"}}},
              {.key = &key});
}

std::vector<Extension> leaf_extensions(const char* usage, std::string names) {
  return {{NID_basic_constraints, "critical,CA:FALSE"},
          {NID_key_usage, "critical,digitalSignature"},
          {NID_ext_key_usage, usage},
          {NID_authority_key_identifier, "keyid"},
          {NID_subject_alt_name, std::move(names)}};
}

std::unexpected<Error> in_folder(const fs::path& file, const Error& error) {
  return fatal(fmt::format("{}: {}", file.string(), error.message), "--data-dir");
}

bool is_there(const fs::path& file) {
  std::error_code absent;
  return fs::exists(file, absent);
}

Expected<PrivateKey> load_key(const fs::path& file) {
  const auto text = read_private_file(file, "--data-dir");
  if (!text) return std::unexpected(text.error());
  auto key = parse_private_key(*text);
  if (!key) return in_folder(file, key.error());
  return key;
}

// The key first: without a certificate nobody has believed it yet.
Expected<PrivateKey> new_key(const fs::path& file) {
  auto key = make_private_key();
  if (!key) return in_folder(file, key.error());
  if (auto kept = write_private_file(file, to_pem(**key)); !kept) {
    return std::unexpected(std::move(kept.error()));
  }
  return key;
}

Expected<Certificate> load_certificate(const fs::path& file, const EVP_PKEY& key, WallTime now) {
  const auto text = read_public_file(file, "--data-dir");
  if (!text) return std::unexpected(text.error());
  auto certificates = parse_certificates(*text);
  if (!certificates) return in_folder(file, certificates.error());
  Certificate certificate = std::move(certificates->front());
  if (!belongs_to(*certificate, key)) {
    return fatal(fmt::format("{} is not the certificate of the ca.key beside it", file.string()),
                 "--data-dir");
  }
  if (X509_check_ca(certificate.get()) == 0) {
    return fatal(fmt::format("{} is not the certificate of an authority", file.string()),
                 "--data-dir");
  }
  if (valid_until(*certificate) <= now) {
    return fatal(fmt::format("{} has ended at {}", file.string(),
                             format_rfc3339(valid_until(*certificate), false)),
                 "--data-dir");
  }
  return certificate;
}

}  // namespace

ValidTime valid_for(WallTime now, std::chrono::seconds lifetime) {
  return {now - std::min<std::chrono::seconds>(kBackdated, lifetime / 10), now + lifetime};
}

CertificateAuthority::CertificateAuthority(PrivateKey key, Certificate certificate)
    : key_(std::move(key)), certificate_(std::move(certificate)), pem_(to_pem(*certificate_)) {}

Expected<CertificateAuthority> CertificateAuthority::open(const fs::path& folder, WallTime now) {
  const fs::path key_file = folder / "ca.key";
  const fs::path certificate_file = folder / "ca.pem";
  if (is_there(certificate_file) && !is_there(key_file)) {
    return fatal(fmt::format("{} is there without ca.key; restore that, or remove it as well and "
                             "enrol every agent anew",
                             certificate_file.string()),
                 "--data-dir");
  }
  auto key = is_there(key_file) ? load_key(key_file) : new_key(key_file);
  if (!key) return std::unexpected(std::move(key.error()));
  if (is_there(certificate_file)) {
    auto certificate = load_certificate(certificate_file, **key, now);
    if (!certificate) return std::unexpected(std::move(certificate.error()));
    return CertificateAuthority(*std::move(key), *std::move(certificate));
  }
  auto certificate = make_authority(**key, now);
  if (!certificate) return in_folder(certificate_file, certificate.error());
  if (auto kept = write_private_file(certificate_file, to_pem(**certificate)); !kept) {
    return std::unexpected(std::move(kept.error()));
  }
  return CertificateAuthority(*std::move(key), *std::move(certificate));
}

Expected<Certificate> CertificateAuthority::issue_agent(std::string_view agent_id,
                                                        std::string_view request,
                                                        ValidTime valid) const {
  const auto parsed = parse_certificate_request(request);
  if (!parsed) return invalid({}, "the certificate request: " + parsed.error().message);
  EVP_PKEY* key = X509_REQ_get0_pubkey(parsed->get());
  if (key == nullptr || !is_p256(*key)) {
    return invalid({}, "the certificate request's key is not an EC key on P-256");
  }
  if (X509_REQ_verify(parsed->get(), key) != 1) {
    openssl_error();
    return invalid({}, "the certificate request is not signed by its own key");
  }
  const std::string name = common_name(X509_REQ_get_subject_name(parsed->get()));
  if (!name.empty() && name != agent_id) {
    return invalid(
        {}, fmt::format("the certificate request is for another agent than \"{}\"", agent_id));
  }
  return sign({.common_name = std::string(agent_id),
               .key = key,
               .valid = valid,
               .extensions = leaf_extensions("clientAuth", "URI:" + agent_uri(agent_id))},
              {.key = key_.get(), .certificate = certificate_.get()});
}

Expected<Certificate> CertificateAuthority::issue_server(const std::vector<std::string>& names,
                                                         EVP_PKEY& key, ValidTime valid) const {
  std::string all;
  for (const std::string& name : names) {
    if (!all.empty()) all += ',';
    all += (parse_endpoint(name) ? "IP:" : "DNS:") + name;
  }
  return sign({.common_name = "Firstbyte collector",
               .key = &key,
               .valid = valid,
               .extensions = leaf_extensions("serverAuth", all)},
              {.key = key_.get(), .certificate = certificate_.get()});
}

}  // namespace firstbyte::collector
