// An HTTP/1.1 server behind the benchmark's nginx that answers GET /D/N after D milliseconds with N
// bytes. Loopback, connections that are kept, one thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "lab/wire/event_loop.h"
#include "tests/bench/accuracy/delayed_work.h"

namespace firstbyte::bench {

// What a request's path asks for.
struct Order {
  Micros delay{};
  std::size_t bytes = 0;
};

// Absent when the request does not begin with GET /D/N.
std::optional<Order> parse_order(std::string_view request);

class Upstream {
 public:
  // Listens on 127.0.0.1. Both live longer than this. Throws std::system_error.
  Upstream(std::uint16_t port, wire::EventLoop& loop, DelayedWork& work);

 private:
  struct Connection {
    wire::Fd socket;
    std::string unread;
    std::size_t number;  // tells it from a later one with the same descriptor
  };

  void accept_one();
  void receive(int fd);
  void serve(Connection& connection, std::string_view request);
  void send(int fd, std::size_t number, const std::string& answer);
  void forget(int fd);

  wire::EventLoop& loop_;
  DelayedWork& work_;
  wire::Fd listener_;
  std::unordered_map<int, Connection> connections_;
  std::size_t accepted_ = 0;
};

}  // namespace firstbyte::bench
