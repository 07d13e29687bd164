// A loopback socket that closes itself.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace firstbyte::fakes {

class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket() { close(); }
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }

  // SOCK_STREAM or SOCK_DGRAM, bound to a port that the kernel picks unless one is given.
  static Socket bound(int type, std::uint16_t port = 0) { return bound_to(loopback(port), type); }
  static Socket bound_v6(int type, std::uint16_t port = 0) {
    return bound_to(loopback_v6(port), type);
  }

  static Socket listening() { return listening(bound(SOCK_STREAM)); }
  static Socket listening_v6(std::uint16_t port = 0) {
    return listening(bound_v6(SOCK_STREAM, port));
  }

  static Socket connected(std::uint16_t port) {
    Socket made(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in address = loopback(port);
    if (::connect(made.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      throw std::system_error(errno, std::generic_category(), "connect");
    }
    return made;
  }

  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }
  static sockaddr_in6 loopback_v6(std::uint16_t port) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    address.sin6_addr = in6addr_loopback;
    return address;
  }

  int fd() const { return fd_; }
  std::uint16_t port() const {
    sockaddr_in address{};  // IPv6 has the port in the same place
    socklen_t size = sizeof address;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
  }

  // False once the other side is gone.
  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // What has come, at least a byte; empty at the end.
  std::string receive() const {
    std::string bytes(16 * 1024, '\0');
    const ssize_t got = ::recv(fd_, bytes.data(), bytes.size(), 0);
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
  }

  // Wakes whoever is blocked on it.
  void shut_down() const { ::shutdown(fd_, SHUT_RDWR); }

  // What has not been read or sent is thrown away, and the other side gets a reset.
  void reset() {
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
  }

  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  template <typename Address>
  static Socket bound_to(const Address& address, int type) {
    const auto* const any = reinterpret_cast<const sockaddr*>(&address);
    Socket made(::socket(any->sa_family, type | SOCK_CLOEXEC, 0));
    if (::bind(made.fd_, any, sizeof address) != 0) {
      throw std::system_error(errno, std::generic_category(), "bind");
    }
    return made;
  }
  static Socket listening(Socket made) {
    if (::listen(made.fd_, 128) != 0) {
      throw std::system_error(errno, std::generic_category(), "listen");
    }
    return made;
  }

  int fd_ = -1;
};

// A port on which nothing listens: whoever connects to it is refused. It stays reserved.
class DeadPort {
 public:
  std::uint16_t number() const { return reserved_.port(); }

 private:
  const Socket reserved_ = Socket::bound(SOCK_STREAM);
};

}  // namespace firstbyte::fakes
