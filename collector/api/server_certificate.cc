#include "collector/api/server_certificate.h"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <string_view>

#include "common/certificates.h"
#include "common/private_file.h"

namespace firstbyte::collector {
namespace {

constexpr std::chrono::seconds kLookEvery{1};

std::unexpected<Error> unusable(const char* flag, const std::string& file, std::string_view why) {
  return invalid(flag, fmt::format("cannot use {}: {}", file, why));
}

// Of what a client offers; one that offers only other protocols is spoken to as if it had not said.
int choose_http_1_1(SSL*, const unsigned char** chosen, unsigned char* length,
                    const unsigned char* offered, unsigned int size, void*) {
  static constexpr std::string_view kWanted = "\x08http/1.1";
  unsigned char* found = nullptr;
  const int outcome =
      SSL_select_next_proto(&found, length, reinterpret_cast<const unsigned char*>(kWanted.data()),
                            kWanted.size(), offered, size);
  *chosen = found;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

Expected<> show_chain(SSL_CTX& context, const std::string& file) {
  constexpr const char* kFlag = "--http-certificate";
  const auto text = read_public_file(file, kFlag);
  if (!text) return std::unexpected(text.error());
  const auto chain = parse_certificates(*text);
  if (!chain) return unusable(kFlag, file, chain.error().message);
  bool good = SSL_CTX_use_certificate(&context, chain->front().get()) == 1;
  for (std::size_t i = 1; good && i < chain->size(); ++i) {
    good = SSL_CTX_add1_chain_cert(&context, chain->at(i).get()) == 1;
  }
  if (!good) return unusable(kFlag, file, openssl_error());
  return {};
}

Expected<> use_key(SSL_CTX& context, const std::string& file) {
  constexpr const char* kFlag = "--http-key";
  const auto text = read_private_file(file, kFlag);
  if (!text) return std::unexpected(text.error());
  const auto key = parse_private_key(*text);
  if (!key) return unusable(kFlag, file, key.error().message);
  if (SSL_CTX_use_PrivateKey(&context, key->get()) != 1) {
    return unusable(kFlag, file, openssl_error());
  }
  return {};
}

Expected<std::shared_ptr<SSL_CTX>> read_files(const CertificateFiles& files) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!context) return fatal("cannot set up TLS: " + openssl_error(), "--http-certificate");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_alpn_select_cb(context.get(), choose_http_1_1, nullptr);
  if (auto shown = show_chain(*context, files.certificate); !shown) {
    return std::unexpected(std::move(shown.error()));
  }
  if (auto used = use_key(*context, files.key); !used) {
    return std::unexpected(std::move(used.error()));
  }
  return context;
}

std::pair<std::uint64_t, std::int64_t> version_of_file(const std::string& file) {
  struct stat found{};
  if (::stat(file.c_str(), &found) != 0) return {};
  constexpr std::int64_t kSecond = 1'000'000'000;
  return {found.st_ino, found.st_mtim.tv_sec * kSecond + found.st_mtim.tv_nsec};
}

}  // namespace

ServerCertificate::Version ServerCertificate::version_of(const CertificateFiles& files) {
  return {version_of_file(files.certificate), version_of_file(files.key)};
}

Expected<ServerCertificate> ServerCertificate::load(CertificateFiles files) {
  const Version version = version_of(files);  // before they are read, so that no change is missed
  auto context = read_files(files);
  if (!context) return std::unexpected(context.error());
  return ServerCertificate(std::move(files), version, *std::move(context));
}

std::shared_ptr<SSL_CTX> ServerCertificate::context(MonotonicTime now) {
  if (now - looked_at_ < kLookEvery) return context_;
  looked_at_ = now;
  const Version version = version_of(files_);
  if (version == version_) return context_;
  version_ = version;
  auto fresh = read_files(files_);
  if (fresh) {
    context_ = *std::move(fresh);
    spdlog::info("http: the certificate was read again from {}", files_.certificate);
  } else {
    spdlog::warn("http: the certificate stays as it was: {}: {}", fresh.error().field,
                 fresh.error().message);
  }
  return context_;
}

}  // namespace firstbyte::collector
