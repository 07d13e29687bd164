// The server's side of TLS on a connection of a ScriptedServer, as a test wants it set up.
#pragma once

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <csignal>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "tests/fakes/socket.h"

namespace firstbyte::fakes {

class TlsSession {
 public:
  using Setup = std::function<void(SSL_CTX*)>;

  // With CERTIFICATE.crt and CERTIFICATE.key.
  TlsSession(const Socket& socket, const std::string& certificate, const Setup& setup = {})
      : context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free), ssl_(nullptr, SSL_free) {
    if (SSL_CTX_use_certificate_chain_file(context_.get(), (certificate + ".crt").c_str()) != 1 ||
        SSL_CTX_use_PrivateKey_file(context_.get(), (certificate + ".key").c_str(),
                                    SSL_FILETYPE_PEM) != 1) {
      throw std::runtime_error("no certificate " + certificate);
    }
    if (setup) setup(context_.get());
    // OpenSSL writes as it likes, and the other side may be gone.
    sigset_t broken_pipe;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), socket.fd());
  }

  // For what is not here.
  SSL* ssl() const { return ssl_.get(); }

  // False when the handshake fails.
  bool accept() { return SSL_accept(ssl_.get()) == 1; }

  // One TLS record. False once the other side is gone.
  bool send(std::string_view bytes) {
    return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0;
  }

  // What has come, at least a byte; empty at the end.
  std::string receive() {
    std::string bytes(16 * 1024, '\0');
    const int got = SSL_read(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
  }

  // Reads up to the blank line that ends a request's head.
  void read_request() {
    std::string request;
    while (request.find("\r\n\r\n") == std::string::npos) {
      const std::string more = receive();
      if (more.empty()) return;
      request += more;
    }
  }

  // Nothing more is sent, and nothing that still comes is met by a reset.
  void close() {
    ::shutdown(SSL_get_fd(ssl_.get()), SHUT_WR);
    wait_for_end();
  }

  void wait_for_end() {
    while (!receive().empty()) {
    }
  }

 private:
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
};

}  // namespace firstbyte::fakes
