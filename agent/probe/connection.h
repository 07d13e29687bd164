// One TCP connection and what was learnt of it. It may serve several exchanges, one after the
// other, and lives until it is closed or forgotten by the last of them. Loop thread only.
#pragma once

#include <openssl/ssl.h>

#include <optional>

#include "agent/probe/tls_facts.h"
#include "agent/probe/trust_store.h"
#include "agent/probe/wire_watch.h"
#include "common/measurement.h"

namespace firstbyte::agent {

// Which connection of this host it is: the same local port may lead to several servers.
struct ConnectionEnds {
  Endpoint local;
  Endpoint remote;
};

class Connection {
 public:
  explicit Connection(int fd) : watch_(fd) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  WireWatch& watch() { return watch_; }
  const WireWatch& watch() const { return watch_; }

  // The connection is there. Idempotent.
  void connected();
  // Its two ends by the kernel's word; absent before it is there.
  const std::optional<Endpoint>& local() const { return local_; }
  const std::optional<Endpoint>& remote() const { return remote_; }
  bool is_between(const ConnectionEnds& ends) const {
    return local_ == ends.local && remote_ == ends.remote;
  }

  // Before the handshake: has the server checked against these, and remembers what it shows.
  void attach(SSL_CTX* context, const TrustStore& trust);
  // The handshake is through; nothing else is known of one that took over an earlier session.
  void secured(const SSL* ssl);
  const std::optional<TlsFacts>& tls() const { return tls_; }
  // Of a chain that was not trusted.
  const std::optional<RefusedCertificate>& refused() const { return refused_; }

 private:
  static int verify(X509_STORE_CTX* chain);

  WireWatch watch_;
  std::optional<Endpoint> local_;
  std::optional<Endpoint> remote_;
  std::optional<TlsFacts> tls_;
  std::optional<RefusedCertificate> refused_;
};

}  // namespace firstbyte::agent
