#include "agent/probe/tls_context.h"

#include <dlfcn.h>
#include <openssl/x509.h>

#include <utility>

namespace {

using firstbyte::agent::TlsContext;

// About a megabyte of them.
constexpr std::size_t kMaxCertificates = 64;

thread_local TlsContext* current = nullptr;

using ParseCertificate = decltype(d2i_X509)*;

// libcrypto's.
ParseCertificate parse_certificate() {
  static const auto real = reinterpret_cast<ParseCertificate>(dlsym(RTLD_NEXT, "d2i_X509"));
  return real;
}

}  // namespace

// Both stand in the executable, so they are found before OpenSSL's, by libcurl, libssl and everyone
// else: who is not in a scope gets what OpenSSL would have given.
extern "C" SSL_CTX* SSL_CTX_new(const SSL_METHOD* method) {
  if (current != nullptr && method == SSL_CTX_get_ssl_method(current->get())) {
    SSL_CTX_up_ref(current->get());
    return current->get();
  }
  return SSL_CTX_new_ex(nullptr, nullptr, method);
}

extern "C" X509* d2i_X509(X509** into, const unsigned char** der, long size) {
  // libssl has room for one made before it calls.
  if (current == nullptr || into == nullptr || size <= 0) {
    return parse_certificate()(into, der, size);
  }
  const unsigned char* const begin = *der;
  const std::string_view bytes(reinterpret_cast<const char*>(begin),
                               static_cast<std::size_t>(size));
  if (X509* known = current->find_certificate(bytes)) {
    X509_free(std::exchange(*into, known));
    *der += size;
    return known;
  }
  X509* parsed = parse_certificate()(into, der, size);
  if (parsed != nullptr && *der == begin + size) current->keep_certificate(bytes, parsed);
  return parsed;
}

namespace firstbyte::agent {

TlsContext::TlsContext()
    : context_(SSL_CTX_new_ex(nullptr, nullptr, TLS_client_method()), SSL_CTX_free) {}

X509* TlsContext::find_certificate(std::string_view der) const {
  const auto found = certificates_.find(der);
  if (found == certificates_.end()) return nullptr;
  X509_up_ref(found->second.get());
  return found->second.get();
}

void TlsContext::keep_certificate(std::string_view der, X509* certificate) {
  if (certificates_.size() >= kMaxCertificates) certificates_.clear();
  X509_up_ref(certificate);
  certificates_.emplace(std::string(der), Certificate(certificate, X509_free));
}

TlsContext::Scope::Scope(TlsContext& context) : outer_(std::exchange(current, &context)) {}

TlsContext::Scope::~Scope() { current = outer_; }

}  // namespace firstbyte::agent
