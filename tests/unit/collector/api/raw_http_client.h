// A client that sends exactly the bytes a test gives it, on a blocking socket. Whatever it waits
// for it waits for kPatience at most.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace firstbyte::collector {

inline constexpr std::chrono::seconds kPatience{10};

class RawHttpClient {
 public:
  struct Response {
    std::string head;
    std::string body;
    int status() const { return head.size() < 12 ? 0 : std::atoi(head.c_str() + 9); }
    bool has(std::string_view line) const {
      return head.find("\r\n" + std::string(line) + "\r\n") != std::string::npos;
    }
  };

  explicit RawHttpClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval patience{.tv_sec = kPatience.count(), .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~RawHttpClient() { close(); }
  RawHttpClient(const RawHttpClient&) = delete;
  RawHttpClient& operator=(const RawHttpClient&) = delete;

  void send(std::string_view bytes) const {
    ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }

  void get(std::string_view target) const {
    send("GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }

  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }

  // Everything up to and including `end`; what came when the connection ended before.
  std::string read_through(std::string_view end) {
    std::size_t at = std::string::npos;
    while ((at = waiting_.find(end)) == std::string::npos && receive()) {
    }
    return take(at == std::string::npos ? waiting_.size() : at + end.size());
  }

  Response read_head() { return {.head = read_through("\r\n\r\n"), .body = {}}; }

  Response read_response() {
    Response response = read_head();
    constexpr std::string_view kLength = "\r\nContent-Length: ";
    const std::size_t at = response.head.find(kLength);
    if (at == std::string::npos) return response;
    const auto length =
        static_cast<std::size_t>(std::atoll(response.head.c_str() + at + kLength.size()));
    while (waiting_.size() < length && receive()) {
    }
    response.body = take(length);
    return response;
  }

  // The content of one chunk of a chunked answer; empty for the last one.
  std::string read_chunk() {
    const std::string size_line = read_through("\r\n");
    std::size_t size = 0;
    std::from_chars(size_line.data(), size_line.data() + size_line.size(), size, 16);
    while (waiting_.size() < size + 2 && receive()) {
    }
    std::string chunk = take(size);
    take(2);
    return chunk;
  }

  std::string read_to_end() {
    while (receive()) {
    }
    return take(waiting_.size());
  }

  // Whether the server ends the connection without another byte.
  bool ends() { return waiting_.empty() && !receive() && ended_; }

 private:
  bool receive() {
    std::array<char, 16 * 1024> bytes;
    const ssize_t size = ::recv(socket_, bytes.data(), bytes.size(), 0);
    ended_ = size == 0 || (size < 0 && errno != EAGAIN);
    if (size > 0) waiting_.append(bytes.data(), static_cast<std::size_t>(size));
    return size > 0;
  }

  std::string take(std::size_t size) {
    std::string taken = waiting_.substr(0, size);
    waiting_.erase(0, size);
    return taken;
  }

  int socket_;
  std::string waiting_;
  bool ended_ = false;
};

}  // namespace firstbyte::collector
