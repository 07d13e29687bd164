#include <openssl/ssl.h>

#include <cstdint>
#include <memory>

#include "agent/probe/tls_facts.h"
#include "common/utf8.h"
#include "tests/fuzz/require.h"

using firstbyte::fuzz::require;

// A server's certificate in DER, read before anything about it is checked.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMaxName = 1024;  // what the collector takes
  constexpr std::chrono::sys_days kYear10000 = std::chrono::year{10000} / 1 / 1;
  static SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
  static SSL* const ssl = SSL_new(context);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      d2i_X509(nullptr, &data, static_cast<long>(size)), X509_free);
  if (!certificate) return 0;
  const firstbyte::TlsFacts facts = firstbyte::agent::read_tls_facts(ssl, certificate.get());
  for (const std::string& name : {facts.subject, facts.issuer}) {
    require(name.size() <= kMaxName, "a name is bounded");
    require(firstbyte::is_printable_utf8(name), "a name can be shown");
  }
  if (facts.not_after) {
    require(facts.not_after->time_since_epoch().count() >= 0 && *facts.not_after < kYear10000,
            "its end is a date that a calendar can print");
  }
  return 0;
}
