// A client of a UNIX stream socket that sends and reads lines.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

#include "tests/fakes/socket.h"

namespace firstbyte::fakes {

inline sockaddr_un unix_address(std::string_view path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

class UnixClient {
 public:
  explicit UnixClient(std::string_view path)
      : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const sockaddr_un address = unix_address(path);
    if (::connect(socket_.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      throw std::system_error(errno, std::generic_category(), std::string(path));
    }
  }

  bool send(std::string_view bytes) const { return socket_.send(bytes); }
  // Without its newline; empty at the end.
  std::string line() {
    std::size_t end = 0;
    while ((end = read_.find('\n')) == std::string::npos) {
      const std::string more = socket_.receive();
      if (more.empty()) return {};
      read_ += more;
    }
    std::string line = read_.substr(0, end);
    read_.erase(0, end + 1);
    return line;
  }
  std::string ask(std::string_view request) {
    socket_.send(std::string(request) + "\n");
    return line();
  }

 private:
  Socket socket_;
  std::string read_;
};

}  // namespace firstbyte::fakes
