#include "agent/probe/tls_context.h"

#include <utility>

namespace {

thread_local SSL_CTX* shared_context = nullptr;

}  // namespace

// In the executable, so it is found before libssl's, by libcurl and everyone else: who is not in a
// scope gets what libssl would have given.
extern "C" SSL_CTX* SSL_CTX_new(const SSL_METHOD* method) {
  if (shared_context != nullptr && method == SSL_CTX_get_ssl_method(shared_context)) {
    SSL_CTX_up_ref(shared_context);
    return shared_context;
  }
  return SSL_CTX_new_ex(nullptr, nullptr, method);
}

namespace firstbyte::agent {

TlsContext::TlsContext()
    : context_(SSL_CTX_new_ex(nullptr, nullptr, TLS_client_method()), SSL_CTX_free) {}

TlsContext::Scope::Scope(const TlsContext& context)
    : outer_(std::exchange(shared_context, context.context_.get())) {}

TlsContext::Scope::~Scope() { shared_context = outer_; }

}  // namespace firstbyte::agent
