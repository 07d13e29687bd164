// One TLS context for all connections of a client. libcurl makes one for each, which is a seventh
// of what a probe costs, nearly all of it OpenSSL looking up the same algorithms; it has no option
// against that, so within a Scope this agent's own SSL_CTX_new answers it.
#pragma once

#include <openssl/ssl.h>

#include <memory>

namespace firstbyte::agent {

// Connections of one thread may share it: SSL_new() copies what libcurl and the callback of a
// connection set before it, and nothing they set depends on the connection, the message callback
// apart. Sessions are not kept.
class TlsContext {
 public:
  TlsContext();

  // While one lives, contexts that this thread asks for are this one.
  class Scope {
   public:
    explicit Scope(const TlsContext& context);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    SSL_CTX* const outer_;
  };

 private:
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
};

}  // namespace firstbyte::agent
