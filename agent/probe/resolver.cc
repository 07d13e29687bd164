#include "agent/probe/resolver.h"

#include <ares.h>
#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>
#include <charconv>

#include "agent/probe/address_policy.h"

namespace firstbyte::agent {

std::string Resolver::to_string() const {
  if (ip.empty()) return {};
  return ip.find(':') == std::string::npos ? fmt::format("{}:{}", ip, port)
                                           : fmt::format("[{}]:{}", ip, port);
}

Expected<Resolver> parse_resolver(std::string_view text) {
  const auto refuse =
      invalid("--resolver",
              fmt::format("{} is not IP or IP:PORT, such as 9.9.9.9 or [2620:fe::fe]:53", text));
  Resolver resolver;
  std::string_view rest;  // ":PORT", or nothing
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return refuse;
    resolver.ip = text.substr(1, end - 1);
    rest = text.substr(end + 1);
    if (!resolver.ip.contains(':')) return refuse;
  } else {
    // Several colons: an IPv6 address, which takes a port only behind brackets.
    const auto colon = text.find(':');
    const bool has_port = colon != std::string_view::npos && colon == text.rfind(':');
    resolver.ip = has_port ? text.substr(0, colon) : text;
    if (has_port) rest = text.substr(colon);
  }
  if (!parse_address(resolver.ip)) return refuse;
  if (rest.empty()) return resolver;
  if (!rest.starts_with(':')) return refuse;
  const std::string_view port = rest.substr(1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), resolver.port);
  if (error != std::errc{} || end != port.data() + port.size() || resolver.port == 0) return refuse;
  return resolver;
}

Expected<Resolver> read_system_resolver(const std::string& resolv_conf) {
  const auto unreadable = [&](int status) {
    return fatal(fmt::format("{} cannot be read: {}", resolv_conf, ares_strerror(status)));
  };
  std::string path = resolv_conf;
  ares_options options{};
  options.flags = ARES_FLAG_PRIMARY;
  options.resolvconf_path = path.data();
  ares_channel channel = nullptr;
  int status = ares_init_options(&channel, &options, ARES_OPT_FLAGS | ARES_OPT_RESOLVCONF);
  if (status != ARES_SUCCESS) return unreadable(status);
  ares_addr_port_node* servers = nullptr;
  status = ares_get_servers_ports(channel, &servers);
  ares_destroy(channel);
  if (status != ARES_SUCCESS || servers == nullptr) return unreadable(status);
  std::array<char, INET6_ADDRSTRLEN> ip{};
  inet_ntop(servers->family, &servers->addr, ip.data(), ip.size());
  Resolver resolver{.ip = ip.data()};
  if (servers->udp_port != 0) resolver.port = static_cast<std::uint16_t>(servers->udp_port);
  ares_free_data(servers);
  return resolver;
}

}  // namespace firstbyte::agent
