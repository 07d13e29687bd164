#include "collector/ingest/server_tls.h"

#include <fmt/format.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <openssl/x509v3.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "common/private_file.h"

namespace firstbyte::collector {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kOperatorsLook{30};
// How soon gRPC shows what is new in server.pem, at the latest.
constexpr std::chrono::seconds kRefresh{10};
constexpr std::chrono::minutes kRetry{1};

std::unexpected<Error> in_file(const std::string& flag, const std::string& file,
                               const Error& error) {
  return fatal(fmt::format("{}: {}", file, error.message), flag);
}

// The root to which the chain leads from its first certificate, by now's date; null without one.
const X509* root_of(const std::vector<Certificate>& chain, const std::vector<Certificate>& roots) {
  const std::unique_ptr<X509_STORE, OpenSslFree<X509_STORE_free>> store(X509_STORE_new());
  for (const Certificate& root : roots) X509_STORE_add_cert(store.get(), root.get());
  // A stack that does not own what is on it.
  const auto free_stack = [](STACK_OF(X509) * stack) { sk_X509_free(stack); };
  const std::unique_ptr<STACK_OF(X509), decltype(free_stack)> between(sk_X509_new_null());
  for (const Certificate& certificate : chain) sk_X509_push(between.get(), certificate.get());
  const std::unique_ptr<X509_STORE_CTX, OpenSslFree<X509_STORE_CTX_free>> context(
      X509_STORE_CTX_new());
  if (X509_STORE_CTX_init(context.get(), store.get(), chain.front().get(), between.get()) != 1 ||
      X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_SERVER) != 1) {
    return nullptr;
  }
  // The root that agents are given need not be one that is signed by itself.
  X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_PARTIAL_CHAIN);
  if (X509_verify_cert(context.get()) != 1) return nullptr;
  const STACK_OF(X509)* found = X509_STORE_CTX_get0_chain(context.get());
  const X509* last = sk_X509_value(found, sk_X509_num(found) - 1);
  const auto root = std::ranges::find_if(
      roots, [&](const Certificate& each) { return X509_cmp(each.get(), last) == 0; });
  return root == roots.end() ? nullptr : root->get();
}

Expected<std::vector<Certificate>> load_certificates(const std::string& file,
                                                     const std::string& flag) {
  const auto text = read_public_file(file, flag);
  if (!text) return std::unexpected(text.error());
  auto certificates = parse_certificates(*text);
  if (!certificates) return in_file(flag, file, certificates.error());
  return certificates;
}

std::string join_pem(const std::vector<Certificate>& certificates) {
  std::string pem;
  for (const Certificate& certificate : certificates) pem += to_pem(*certificate);
  return pem;
}

}  // namespace

ServerTls::ServerTls(Options options, const Clock& clock, CertificateAuthority authority)
    : options_(std::move(options)), clock_(clock), authority_(std::move(authority)) {}

Expected<std::unique_ptr<ServerTls>> ServerTls::open(Options options, const Clock& clock) {
  std::error_code failed;
  if (!fs::exists(options.folder, failed) && ::mkdir(options.folder.c_str(), 0700) != 0) {
    return fatal(fmt::format("cannot make the folder {}: {}", options.folder.string(),
                             std::generic_category().message(errno)),
                 "--data-dir");
  }
  auto authority = CertificateAuthority::open(options.folder, clock.wall());
  if (!authority) return std::unexpected(std::move(authority.error()));
  std::unique_ptr<ServerTls> tls(new ServerTls(std::move(options), clock, *std::move(authority)));
  auto shown = tls->operators() ? tls->show_operators() : tls->show_own();
  if (!shown) return std::unexpected(std::move(shown.error()));
  return tls;
}

Expected<> ServerTls::show_own() {
  if (!key_) {
    auto key = make_private_key();
    if (!key) return in_file("--data-dir", file().string(), key.error());
    key_ = *std::move(key);
  }
  const WallTime now = clock_.wall();
  const ValidTime valid = valid_for(now, options_.lifetime);
  const auto certificate = authority_.issue_server(options_.names, *key_, valid);
  if (!certificate) return in_file("--grpc-name", file().string(), certificate.error());
  const std::string& root = authority_.certificate_pem();
  if (auto shown = show(to_pem(*key_) + to_pem(**certificate) + root,
                        {root, fingerprint(authority_.certificate())});
      !shown) {
    return shown;
  }
  own_ = {valid.from, now + options_.lifetime * 2 / 3};
  return {};
}

Expected<> ServerTls::check_files(const Options& options) {
  if (options.certificate_file.empty()) return {};
  auto read = read_operators(options);
  if (!read) return std::unexpected(std::move(read.error()));
  return {};
}

Expected<ServerTls::Operators> ServerTls::read_operators(const Options& options) {
  const auto key_text = read_private_file(options.key_file, "--grpc-key");
  if (!key_text) return std::unexpected(key_text.error());
  const auto key = parse_private_key(*key_text);
  if (!key) return in_file("--grpc-key", options.key_file, key.error());
  const auto chain = load_certificates(options.certificate_file, "--grpc-certificate");
  if (!chain) return std::unexpected(chain.error());
  const auto roots = load_certificates(options.ca_file, "--grpc-ca");
  if (!roots) return std::unexpected(roots.error());
  if (!belongs_to(*chain->front(), **key)) {
    return fatal(fmt::format("{} is not the key of {}", options.key_file, options.certificate_file),
                 "--grpc-key");
  }
  const X509* root = root_of(*chain, *roots);
  if (root == nullptr) {
    return fatal(fmt::format("{} is not valid now, not for a server, or does not lead to {} "
                             "(--grpc-ca)",
                             options.certificate_file, options.ca_file),
                 "--grpc-certificate");
  }
  std::string trusted = join_pem(*roots);
  return Operators{to_pem(**key) + join_pem(*chain) + trusted, {trusted, fingerprint(*root)}};
}

Expected<> ServerTls::show_operators() {
  next_look_ = clock_.now() + kOperatorsLook;
  auto read = read_operators(options_);
  if (!read) return std::unexpected(std::move(read.error()));
  if (read->content == shown_) return {};
  if (auto shown = show(read->content, std::move(read->trust)); !shown) return shown;
  if (!shown_.empty()) {
    spdlog::info("the collector's certificate was read again from {}", options_.certificate_file);
  }
  shown_ = std::move(read->content);
  return {};
}

Expected<> ServerTls::show(const std::string& content, Trust trust) {
  if (options_.on_trust && trust.fingerprint != trust_fingerprint()) {
    if (auto told = options_.on_trust(trust.fingerprint); !told) return told;
  }
  // In one file, so that a key never stands beside another's certificate. With the authority's, for
  // those who know only its fingerprint.
  if (auto kept = write_private_file(file(), content); !kept) return kept;
  MutexLock lock(mutex_);
  trust_ = std::move(trust);
  return {};
}

std::string ServerTls::trust_pem() const {
  MutexLock lock(mutex_);
  return trust_.pem;
}

std::string ServerTls::trust_fingerprint() const {
  MutexLock lock(mutex_);
  return trust_.fingerprint;
}

std::shared_ptr<grpc::ServerCredentials> ServerTls::credentials() const {
  using grpc::experimental::FileWatcherCertificateProvider;
  const auto refresh =
      std::clamp(std::chrono::seconds(options_.lifetime / 10), std::chrono::seconds{1}, kRefresh);
  grpc::experimental::TlsServerCredentialsOptions options(
      std::make_shared<FileWatcherCertificateProvider>(file().string(), file().string(),
                                                       (options_.folder / "ca.pem").string(),
                                                       static_cast<unsigned>(refresh.count())));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
  return grpc::experimental::TlsServerCredentials(options);
}

bool ServerTls::is_due() const {
  if (clock_.now() < next_look_) return false;
  const WallTime now = clock_.wall();
  return operators() || now < own_.from || now >= own_.until;
}

void ServerTls::tick() {
  if (!is_due()) return;
  const auto shown = operators() ? show_operators() : show_own();
  if (shown) return;
  // What was shown before stays.
  next_look_ = clock_.now() + kRetry;
  spdlog::error("the collector's certificate was not renewed: {}: {}", shown.error().field,
                shown.error().message);
}

}  // namespace firstbyte::collector
