// What a finished handshake tells about the server.
#pragma once

#include <openssl/ssl.h>

#include "common/measurement.h"

namespace firstbyte::agent {

TlsFacts read_tls_facts(const SSL* ssl);

}  // namespace firstbyte::agent
