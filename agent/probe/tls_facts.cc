#include "agent/probe/tls_facts.h"

#include <openssl/bio.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>

#include "common/utf8.h"

namespace firstbyte::agent {
namespace {

constexpr std::size_t kMaxName = 1024;

std::string name_text(const X509_NAME* name) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  char* data = nullptr;
  const long length = BIO_get_mem_data(out.get(), &data);
  std::string text = to_utf8({data, static_cast<std::size_t>(length)});
  // A certificate may carry names of any length; what the collector takes is bounded.
  if (text.size() > kMaxName) text = "(too long to show)";
  return text;
}

std::optional<WallTime> time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  const std::time_t seconds = timegm(&parts);
  if (seconds < 0) return std::nullopt;
  return WallTime{std::chrono::seconds{seconds}};
}

}  // namespace

TlsFacts read_tls_facts(const SSL* ssl, const X509* certificate) {
  TlsFacts facts;
  facts.version = SSL_get_version(ssl);
  const SSL_CIPHER* cipher = SSL_get_pending_cipher(ssl);
  facts.cipher = SSL_CIPHER_get_name(cipher == nullptr ? SSL_get_current_cipher(ssl) : cipher);
  facts.subject = name_text(X509_get_subject_name(certificate));
  facts.issuer = name_text(X509_get_issuer_name(certificate));
  facts.not_after = time_of(X509_get0_notAfter(certificate));
  return facts;
}

}  // namespace firstbyte::agent
