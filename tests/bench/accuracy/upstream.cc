#include "tests/bench/accuracy/upstream.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>

namespace firstbyte::bench {
namespace {

constexpr std::string_view kBegin = "GET /";
constexpr std::string_view kEnd = "\r\n\r\n";

wire::Fd listen_on(std::uint16_t port) {
  wire::Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in own{};
  own.sin_family = AF_INET;
  own.sin_port = htons(port);
  own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0 ||
      listen(fd.get(), SOMAXCONN) != 0) {
    throw std::system_error(errno, std::generic_category(), fmt::format("upstream on {}", port));
  }
  return fd;
}

std::string answer_of(std::size_t bytes) {
  std::string answer = fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", bytes);
  return answer.append(bytes, 'x');
}

}  // namespace

std::optional<Order> parse_order(std::string_view request) {
  if (!request.starts_with(kBegin)) return std::nullopt;
  const char* const end = request.data() + request.size();
  unsigned delay_ms = 0;
  unsigned bytes = 0;
  const auto delay = std::from_chars(request.data() + kBegin.size(), end, delay_ms);
  if (delay.ec != std::errc{} || delay.ptr == end || *delay.ptr != '/') return std::nullopt;
  if (std::from_chars(delay.ptr + 1, end, bytes).ec != std::errc{}) return std::nullopt;
  return Order{.delay = std::chrono::milliseconds{delay_ms}, .bytes = bytes};
}

Upstream::Upstream(std::uint16_t port, wire::EventLoop& loop, DelayedWork& work)
    : loop_(loop), work_(work), listener_(listen_on(port)) {
  loop_.watch(listener_.get(), [this] { accept_one(); });
}

void Upstream::accept_one() {
  wire::Fd socket(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!socket) return;
  const int fd = socket.get();
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  connections_.insert_or_assign(
      fd, Connection{.socket = std::move(socket), .unread = {}, .number = ++accepted_});
  loop_.watch(fd, [this, fd] { receive(fd); });
}

void Upstream::receive(int fd) {
  std::array<char, 4096> bytes{};
  const ssize_t got = recv(fd, bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (got <= 0) return forget(fd);
  Connection& connection = connections_.at(fd);
  connection.unread.append(bytes.data(), static_cast<std::size_t>(got));
  const std::size_t end = connection.unread.find(kEnd);
  if (end == std::string::npos) return;
  const std::string request = connection.unread.substr(0, end);
  connection.unread.erase(0, end + kEnd.size());
  serve(connection, request);
}

void Upstream::serve(Connection& connection, std::string_view request) {
  const std::optional<Order> order = parse_order(request);
  const int fd = connection.socket.get();
  if (!order) return forget(fd);
  work_.after(order->delay, [this, fd, number = connection.number,
                             answer = answer_of(order->bytes)] { send(fd, number, answer); });
}

void Upstream::send(int fd, std::size_t number, const std::string& answer) {
  const auto found = connections_.find(fd);
  if (found == connections_.end() || found->second.number != number) return;
  // Blocks until nginx has taken it, which it does at once.
  if (::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) forget(fd);
}

void Upstream::forget(int fd) {
  loop_.forget(fd);
  connections_.erase(fd);
}

}  // namespace firstbyte::bench
