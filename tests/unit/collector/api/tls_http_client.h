// A client that sends exactly the bytes a test gives it, over TLS. Whatever it waits for it waits
// for kPatience at most.
#pragma once

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "tests/fakes/socket.h"
#include "tests/unit/collector/api/raw_http_client.h"

namespace firstbyte::collector {

// Trusts one authority, and wants to speak with a.test.
class TlsClient {
 public:
  using Setup = std::function<void(SSL_CTX*)>;

  TlsClient(std::uint16_t port, const std::string& authority, const Setup& setup = {})
      : context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free),
        socket_(fakes::Socket::connected(port)) {
    const timeval patience{.tv_sec = kPatience.count(), .tv_usec = 0};
    ::setsockopt(socket_.fd(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    SSL_CTX_load_verify_locations(context_.get(), authority.c_str(), nullptr);
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    if (setup) setup(context_.get());
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), socket_.fd());
    SSL_set1_host(ssl_.get(), "a.test");
    connected_ = SSL_connect(ssl_.get()) == 1;
  }

  bool connected() const { return connected_; }
  SSL* ssl() const { return ssl_.get(); }

  void send(std::string_view bytes) {
    SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
  }
  void get(std::string_view path) {
    send("GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  // Everything up to and including `end`, or what came until the connection ended.
  std::string read_through(std::string_view end) {
    std::size_t at = std::string::npos;
    while ((at = waiting_.find(end)) == std::string::npos && receive()) {
    }
    const std::size_t size = at == std::string::npos ? waiting_.size() : at + end.size();
    std::string taken = waiting_.substr(0, size);
    waiting_.erase(0, size);
    return taken;
  }
  std::string read_to_end() {
    while (receive()) {
    }
    return std::exchange(waiting_, {});
  }
  // Whether the end was said, so that nobody can have cut it off.
  bool ended_properly() const {
    return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
  }

 private:
  bool receive() {
    std::array<char, 16 * 1024> bytes;
    const int size = SSL_read(ssl_.get(), bytes.data(), bytes.size());
    if (size > 0) waiting_.append(bytes.data(), static_cast<std::size_t>(size));
    return size > 0;
  }

  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  fakes::Socket socket_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, SSL_free};
  bool connected_ = false;
  std::string waiting_;
};

}  // namespace firstbyte::collector
