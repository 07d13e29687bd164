#include "agent/probe/resolver.h"

#include <ares.h>
#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>

#include "common/endpoint.h"

namespace firstbyte::agent {

std::string Resolver::to_string() const {
  return ip.empty() ? std::string() : firstbyte::to_string(Endpoint{ip, port});
}

Expected<Resolver> parse_resolver(std::string_view text) {
  const std::optional<Endpoint> server = parse_endpoint(text);
  if (!server) {
    return invalid(
        "--resolver",
        fmt::format("{} is not IP or IP:PORT, such as 9.9.9.9 or [2620:fe::fe]:53", text));
  }
  Resolver resolver{.ip = server->ip};
  if (server->port != 0) resolver.port = server->port;
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
