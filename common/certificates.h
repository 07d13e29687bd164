// Keys and X.509 certificates: OpenSSL's with owners, as far as the agent and the collector both
// need them. Every Error is kInvalid without a field, in OpenSSL's words where it has some.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"
#include "common/error.h"

namespace firstbyte {

template <auto kFree>
struct OpenSslFree {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

using PrivateKey = std::unique_ptr<EVP_PKEY, OpenSslFree<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, OpenSslFree<X509_free>>;
using CertificateRequest = std::unique_ptr<X509_REQ, OpenSslFree<X509_REQ_free>>;

// What OpenSSL says went wrong last on this thread, and forgets then.
std::string openssl_error();

// On the curve P-256: 128 bit of security, and a handshake costs a fraction of RSA's.
Expected<PrivateKey> make_private_key();
bool is_p256(const EVP_PKEY& key);

std::string to_pem(const EVP_PKEY& key);
std::string to_pem(const X509& certificate);
std::string to_pem(const X509_REQ& request);

// The first private key in the text; one that is encrypted is none.
Expected<PrivateKey> parse_private_key(std::string_view pem);
// All certificates in the text, at least one.
Expected<std::vector<Certificate>> parse_certificates(std::string_view pem);
Expected<CertificateRequest> parse_certificate_request(std::string_view pem);

// A request for a certificate for `key`, signed by it. With a common name unless that is empty.
Expected<CertificateRequest> make_certificate_request(EVP_PKEY& key, std::string_view common_name);

bool belongs_to(const X509& certificate, const EVP_PKEY& key);

// "sha256:" and the digest of the certificate's DER in lower-case hex.
std::string fingerprint(const X509& certificate);
bool is_fingerprint(std::string_view text);
std::string serial_number(const X509& certificate);  // upper-case hex
WallTime valid_from(const X509& certificate);
WallTime valid_until(const X509& certificate);
// Of the subject; empty when there is none.
std::string common_name(const X509_NAME* name);

// The URI by which an agent's certificate names it, as subject alternative name.
std::string agent_uri(std::string_view agent_id);  // "urn:firstbyte:agent:frankfurt"
// The agent that it is for; absent when it is not for exactly one.
std::optional<std::string> agent_of(const X509& certificate);

}  // namespace firstbyte
