// An agent's identity as an enrolment would leave it, its authority being itself.
#pragma once

#include <openssl/x509v3.h>

#include <string>

#include "agent/identity/identity_store.h"
#include "common/certificates.h"

namespace firstbyte::fakes {

inline agent::AgentCredentials make_credentials(const std::string& id, const std::string& city) {
  const PrivateKey key = make_private_key().value();
  const Certificate certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 24L * 3600);
  X509_set_pubkey(certificate.get(), key.get());
  const std::string names = "URI:" + agent_uri(id);
  const std::unique_ptr<X509_EXTENSION, OpenSslFree<X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str()));
  X509_add_ext(certificate.get(), extension.get(), -1);
  X509_sign(certificate.get(), key.get(), EVP_sha256());

  agent::AgentCredentials credentials;
  credentials.identity = {id, city, "BR", "South America", -23.55, -46.63, std::nullopt};
  credentials.collector = "collector.example:9090";
  credentials.key = to_pem(*key);
  credentials.certificate = to_pem(*certificate);
  credentials.collector_ca = to_pem(*certificate);
  credentials.valid_from = valid_from(*certificate);
  credentials.valid_until = valid_until(*certificate);
  return credentials;
}

}  // namespace firstbyte::fakes
