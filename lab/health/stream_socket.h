// A connection of which nothing lasts longer than its deadline. One thread.
//
// Plain poll() and sockets where the agent has libcurl: nine of these programs run in a lab that
// has 80 MB for everything, and libcurl with what it links costs each of them a megabyte or more.
#pragma once

#include <sys/socket.h>

#include <string>
#include <string_view>
#include <utility>

#include "common/clock.h"
#include "common/error.h"

namespace firstbyte::health {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

// Errors are kTransient: "refused", "timeout" or the system's own words.
class StreamSocket {
 public:
  static Expected<StreamSocket> connect(const Address& address, MonotonicTime deadline);
  ~StreamSocket();
  StreamSocket(StreamSocket&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), deadline_(other.deadline_) {}
  StreamSocket& operator=(StreamSocket&&) = delete;

  // All of it.
  Expected<> send(std::string_view bytes) const;
  // At least a byte; empty at the end.
  Expected<std::string> receive() const;

 private:
  StreamSocket(int fd, MonotonicTime deadline) : fd_(fd), deadline_(deadline) {}
  Expected<> wait_for(short events) const;
  Expected<> finish_connecting() const;

  int fd_;
  MonotonicTime deadline_;
};

}  // namespace firstbyte::health
