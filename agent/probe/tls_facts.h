// What a handshake tells about the server.
#pragma once

#include <openssl/ssl.h>

#include "common/measurement.h"

namespace firstbyte::agent {

// From the moment on at which the server has shown its certificate, whatever is wrong with that.
TlsFacts read_tls_facts(const SSL* ssl, const X509* certificate);

// Which one of a chain is not trusted, and why.
struct RefusedCertificate {
  int error = 0;  // X509_V_ERR_...
  int depth = 0;  // 0 is the server's own, 1 its issuer's
};

}  // namespace firstbyte::agent
