// A listening socket made by whoever started this process, passed as systemd passes one
// (sd_listen_fds(3)): LISTEN_FDS counts the sockets, LISTEN_PID says for whom they are, the first
// is descriptor 3. It belongs to the network namespace in which it was made, whichever the process
// runs in.
#pragma once

#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include <functional>
#include <optional>
#include <utility>

#include "common/error.h"

namespace firstbyte::collector {

// What the protocol reads of a process: this one, unless a test brings its own.
struct ActivatedProcess {
  std::function<const char*(const char*)> find_variable = ::getenv;
  std::function<int(const char*)> unset_variable = ::unsetenv;
  pid_t pid = ::getpid();
  int first_fd = 3;
};

class InheritedSocket {
 public:
  // The one socket that was passed, a listening TCP socket over IPv4 or IPv6, from now on with
  // FD_CLOEXEC. Absent when none was passed, or to another process. Unsets the variables in any
  // case, so it is to be called once, before any thread is started. Errors are kInvalid and name
  // LISTEN_FDS.
  static Expected<std::optional<InheritedSocket>> take(const ActivatedProcess& process = {});

  ~InheritedSocket();  // closes
  InheritedSocket(InheritedSocket&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), ipv6_(other.ipv6_) {}
  InheritedSocket& operator=(InheritedSocket&&) = delete;

  int fd() const { return fd_; }
  bool ipv6() const { return ipv6_; }
  // For who closes it from now on.
  int release() { return std::exchange(fd_, -1); }

 private:
  InheritedSocket(int fd, bool ipv6) : fd_(fd), ipv6_(ipv6) {}

  int fd_;
  bool ipv6_;
};

}  // namespace firstbyte::collector
