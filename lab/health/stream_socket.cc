#include "lab/health/stream_socket.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace firstbyte::health {
namespace {

std::unexpected<Error> failure(int error) {
  if (error == ECONNREFUSED) return transient("refused");
  return transient(std::generic_category().message(error));
}

}  // namespace

Expected<StreamSocket> StreamSocket::connect(const Address& address, MonotonicTime deadline) {
  StreamSocket made(
      socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), deadline);
  if (made.fd_ < 0) return failure(errno);
  // A reset instead of a goodbye: five connections a second would otherwise keep three hundred of
  // the kernel's reminders (TIME_WAIT) for each edge.
  const linger reset{.l_onoff = 1, .l_linger = 0};
  setsockopt(made.fd_, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  const auto* to = reinterpret_cast<const sockaddr*>(&address.storage);
  if (::connect(made.fd_, to, address.size) == 0) return made;
  if (errno != EINPROGRESS) return failure(errno);
  if (const auto connected = made.finish_connecting(); !connected) {
    return std::unexpected(connected.error());
  }
  return made;
}

StreamSocket::~StreamSocket() {
  if (fd_ >= 0) close(fd_);
}

Expected<> StreamSocket::finish_connecting() const {
  if (const auto ready = wait_for(POLLOUT); !ready) return ready;
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return failure(error);
  return {};
}

Expected<> StreamSocket::wait_for(short events) const {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline_ - std::chrono::steady_clock::now());
  pollfd waiting{.fd = fd_, .events = events, .revents = 0};
  const int ready = poll(&waiting, 1, static_cast<int>(std::max<std::int64_t>(0, left.count())));
  if (ready < 0) return failure(errno);
  if (ready == 0) return transient("timeout");
  return {};
}

Expected<> StreamSocket::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    if (const auto ready = wait_for(POLLOUT); !ready) return ready;
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) return failure(errno);
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

Expected<std::string> StreamSocket::receive() const {
  if (const auto ready = wait_for(POLLIN); !ready) return std::unexpected(ready.error());
  std::string bytes(1024, '\0');
  const ssize_t got = recv(fd_, bytes.data(), bytes.size(), 0);
  if (got < 0) return failure(errno);
  bytes.resize(static_cast<std::size_t>(got));
  return bytes;
}

}  // namespace firstbyte::health
