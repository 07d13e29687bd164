#include "agent/probe/trust_store.h"

#include <fmt/format.h>
#include <openssl/err.h>

namespace firstbyte::agent {

Expected<TrustStore> TrustStore::load(const std::string& ca_file) {
  std::shared_ptr<X509_STORE> store(X509_STORE_new(), X509_STORE_free);
  ERR_clear_error();
  if (X509_STORE_load_file(store.get(), ca_file.c_str()) != 1) {
    const char* reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return fatal(fmt::format("cannot read certificates from {}: {}", ca_file,
                             reason == nullptr ? "unknown error" : reason),
                 "--ca-file");
  }
  // As libcurl has it: whoever stands in the file is trusted, an intermediate as well.
  X509_STORE_set_flags(store.get(), X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
  return TrustStore(std::move(store));
}

}  // namespace firstbyte::agent
