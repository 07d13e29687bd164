#include "lab/health/http_check.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <charconv>
#include <cstring>
#include <optional>

namespace firstbyte::health {
namespace {

std::optional<std::uint16_t> parse_port(const std::string& text) {
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, port);
  if (parsed.ec != std::errc() || parsed.ptr != end || port == 0) return std::nullopt;
  return port;
}

bool fill_v4(const std::string& host, std::uint16_t port, Address& address) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  if (inet_pton(AF_INET, host.c_str(), &v4.sin_addr) != 1) return false;
  std::memcpy(&address.storage, &v4, sizeof v4);
  address.size = sizeof v4;
  return true;
}

bool fill_v6(const std::string& host, std::uint16_t port, Address& address) {
  if (!host.starts_with('[') || !host.ends_with(']')) return false;
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  if (inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &v6.sin6_addr) != 1)
    return false;
  std::memcpy(&address.storage, &v6, sizeof v6);
  address.size = sizeof v6;
  return true;
}

constexpr std::size_t kStatusLine = 12;  // up to the status: "HTTP/1.1 200"

Expected<> judge(std::string_view start) {
  int status = 0;
  const char* digits = start.data() + kStatusLine - 3;
  const bool http = start.size() >= kStatusLine && start.starts_with("HTTP/1.") &&
                    start[kStatusLine - 4] == ' ' &&
                    std::from_chars(digits, digits + 3, status).ptr == digits + 3 && status >= 100;
  if (!http) return transient("not HTTP");
  if (status / 100 != 2) return transient("status " + std::to_string(status));
  return {};
}

}  // namespace

Expected<Address> parse_address(const std::string& text) {
  Address address;
  const std::size_t colon = text.rfind(':');
  if (colon != std::string::npos) {
    const std::string host = text.substr(0, colon);
    const auto port = parse_port(text.substr(colon + 1));
    if (port && (fill_v4(host, *port, address) || fill_v6(host, *port, address))) return address;
  }
  return invalid("", text + " is not IP:PORT");
}

Expected<> check_http(const HttpCheck& check) {
  const MonotonicTime deadline = std::chrono::steady_clock::now() + check.timeout;
  const auto connection = StreamSocket::connect(check.address, deadline);
  if (!connection) return std::unexpected(connection.error());
  const auto sent = connection->send("GET " + check.path + " HTTP/1.1\r\nHost: " + check.host +
                                     "\r\nConnection: close\r\n\r\n");
  if (!sent) return sent;
  std::string start;
  while (start.size() < kStatusLine) {
    const auto more = connection->receive();
    if (!more) return std::unexpected(more.error());
    if (more->empty()) break;
    start += *more;
  }
  return judge(start);
}

}  // namespace firstbyte::health
