#include "common/endpoint.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace firstbyte {
namespace {

std::optional<std::string> shortest_form(std::string_view ip) {
  if (ip.contains('\0')) return std::nullopt;
  const std::string terminated(ip);
  std::array<unsigned char, sizeof(in6_addr)> address{};
  std::array<char, INET6_ADDRSTRLEN> text{};
  for (const int family : {AF_INET, AF_INET6}) {
    if (inet_pton(family, terminated.c_str(), address.data()) != 1) continue;
    return inet_ntop(family, address.data(), text.data(), text.size());
  }
  return std::nullopt;
}

std::optional<std::uint16_t> parse_port(std::string_view digits) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  const bool whole = error == std::errc{} && end == digits.data() + digits.size();
  if (!whole || port == 0) return std::nullopt;
  return port;
}

std::string_view host_of(std::string_view host_port) {
  return host_port.substr(0, host_port.rfind(':'));
}

}  // namespace

bool is_host_port(std::string_view text) {
  const std::string_view host = host_of(text);
  if (host.empty() || host.size() == text.size()) return false;
  if (host.contains(':') && !(host.starts_with('[') && host.ends_with(']'))) return false;
  return parse_port(text.substr(host.size() + 1)).has_value();
}

bool is_loopback(std::string_view host_port) {
  const std::string_view host = host_of(host_port);
  if (host == "localhost") return true;
  const auto address = parse_endpoint(host);
  return address && (address->ip == "::1" || address->ip.starts_with("127."));
}

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  std::string_view ip = text;
  std::optional<std::string_view> digits;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    ip = text.substr(1, close - 1);
    const std::string_view rest = text.substr(close + 1);
    if (!is_ipv6(ip) || (!rest.empty() && rest.front() != ':')) return std::nullopt;
    if (!rest.empty()) digits = rest.substr(1);
  } else if (std::ranges::count(text, ':') == 1) {
    ip = text.substr(0, text.find(':'));
    digits = text.substr(ip.size() + 1);
  }
  auto address = shortest_form(ip);
  const auto port = digits ? parse_port(*digits) : std::optional<std::uint16_t>{0};
  if (!address || !port) return std::nullopt;
  return Endpoint{*std::move(address), *port};
}

std::string to_string(const Endpoint& endpoint) {
  if (endpoint.port == 0) return endpoint.ip;
  return is_ipv6(endpoint.ip) ? fmt::format("[{}]:{}", endpoint.ip, endpoint.port)
                              : fmt::format("{}:{}", endpoint.ip, endpoint.port);
}

}  // namespace firstbyte
