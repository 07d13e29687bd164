// A UNIX stream server that does to its one connection exactly what a test tells it to.
#pragma once

#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "tests/fakes/unix_client.h"

namespace firstbyte::fakes {

class UnixServer {
 public:
  using Script = std::function<void(const Socket&)>;

  // The connection is closed when `script` returns.
  UnixServer(const std::string& path, Script script)
      : listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)), script_(std::move(script)) {
    const sockaddr_un address = unix_address(path);
    if (::bind(listener_.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_.fd(), 8) != 0) {
      throw std::system_error(errno, std::generic_category(), path);
    }
    thread_ = std::thread([this] {
      const Socket accepted(::accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC));
      if (accepted.fd() >= 0) script_(accepted);
    });
  }
  ~UnixServer() {
    listener_.shut_down();
    thread_.join();
  }
  UnixServer(const UnixServer&) = delete;
  UnixServer& operator=(const UnixServer&) = delete;

 private:
  const Socket listener_;
  const Script script_;
  std::thread thread_;
};

}  // namespace firstbyte::fakes
