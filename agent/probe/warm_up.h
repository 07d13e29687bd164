// What the first HTTPS exchange of a process pays for libcurl and OpenSSL once, paid before it.
#pragma once

namespace firstbyte::agent {

// Asks a server of its own on loopback that hangs up when it is spoken to. Code, tables and the
// random generator are ready afterwards, as far as the handshake's first message; errors are of no
// consequence.
void warm_up_https();

}  // namespace firstbyte::agent
