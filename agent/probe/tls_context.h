// What cold TLS connections may share without becoming any warmer: the context that they are made
// from, and certificates that have been parsed before. libcurl makes a context for each connection,
// and OpenSSL 3.0 looks up decoders for each certificate; together that is a third of what a probe
// costs. Neither has an option against it, so within a Scope this agent's own SSL_CTX_new() and
// d2i_X509() answer. Nothing that is verified, and no key, is kept.
#pragma once

#include <openssl/ssl.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace firstbyte::agent {

// Connections of one thread may share it: SSL_new() copies what libcurl and the callbacks of a
// connection set before it, and nothing else that they set depends on the connection. Sessions are
// not kept.
class TlsContext {
 public:
  TlsContext();

  SSL_CTX* get() const { return context_.get(); }

  // One that was parsed from the same bytes, with a reference for the caller; null when there is
  // none.
  X509* find_certificate(std::string_view der) const;
  void keep_certificate(std::string_view der, X509* certificate);

  // While one lives, this thread's new contexts and certificates come from here.
  class Scope {
   public:
    explicit Scope(TlsContext& context);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    TlsContext* const outer_;
  };

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view der) const {
      return std::hash<std::string_view>{}(der);
    }
  };
  using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unordered_map<std::string, Certificate, Hash, std::equal_to<>> certificates_;
};

}  // namespace firstbyte::agent
