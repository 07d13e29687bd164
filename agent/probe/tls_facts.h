// What a handshake tells about the server.
#pragma once

#include <openssl/ssl.h>

#include "common/measurement.h"

namespace firstbyte::agent {

// From the moment on at which the server has shown its certificate, whatever is wrong with that.
TlsFacts read_tls_facts(const SSL* ssl, const X509* certificate);

}  // namespace firstbyte::agent
