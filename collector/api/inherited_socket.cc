#include "collector/api/inherited_socket.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <string>
#include <string_view>

namespace firstbyte::collector {
namespace {

constexpr const char* kCount = "LISTEN_FDS";
constexpr const char* kPid = "LISTEN_PID";
constexpr const char* kNames = "LISTEN_FDNAMES";

std::optional<std::string> take_variable(const ActivatedProcess& process, const char* name) {
  const char* value = process.find_variable(name);
  std::optional<std::string> taken;
  if (value != nullptr) taken = value;
  process.unset_variable(name);
  return taken;
}

template <typename Number>
std::optional<Number> whole_number(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Whether the variables pass a socket to this process: one, or none.
Expected<bool> is_passed(const ActivatedProcess& process) {
  const auto count = take_variable(process, kCount);
  const auto pid = take_variable(process, kPid);
  take_variable(process, kNames);
  if (!count || !pid) return false;
  const auto receiver = whole_number<pid_t>(*pid);
  if (!receiver) {
    return invalid(kCount, fmt::format("LISTEN_PID={} is not a process id", *pid));
  }
  if (*receiver != process.pid) return false;
  const auto sockets = whole_number<unsigned>(*count);
  if (!sockets) return invalid(kCount, fmt::format("{} is not a number of sockets", *count));
  if (*sockets != 1) {
    return invalid(kCount, fmt::format("exactly one socket is wanted, not {}", *sockets));
  }
  return true;
}

std::optional<int> socket_option(int fd, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  if (getsockopt(fd, SOL_SOCKET, name, &value, &size) != 0) return std::nullopt;
  return value;
}

// What keeps a descriptor from being a listening TCP socket; empty when nothing does.
std::string_view objection(int fd) {
  const auto family = socket_option(fd, SO_DOMAIN);
  if (!family) return errno == EBADF ? "not open" : "not a socket";
  if (*family != AF_INET && *family != AF_INET6) return "neither IPv4 nor IPv6";
  if (socket_option(fd, SO_TYPE) != SOCK_STREAM) return "not a stream socket";
  if (socket_option(fd, SO_ACCEPTCONN) != 1) return "not listening";
  return {};
}

}  // namespace

Expected<std::optional<InheritedSocket>> InheritedSocket::take(const ActivatedProcess& process) {
  const auto passed = is_passed(process);
  if (!passed) return std::unexpected(passed.error());
  if (!*passed) return std::nullopt;
  const int fd = process.first_fd;
  if (const std::string_view why = objection(fd); !why.empty()) {
    return invalid(kCount,
                   fmt::format("descriptor {} must be a listening TCP socket, and is {}", fd, why));
  }
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  return InheritedSocket(fd, socket_option(fd, SO_DOMAIN) == AF_INET6);
}

InheritedSocket::~InheritedSocket() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace firstbyte::collector
