#include "agent/probing_flags.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <utility>

namespace firstbyte::agent {

void declare_probing(CLI::App& app, ProbingFlags& flags) {
  app.add_option("--resolver", flags.resolver, "DNS server to ask (default: the system's)")
      ->type_name("IP[:PORT]");
  app.add_option("--ca-file", flags.ca_file, "certificates that servers are checked against")
      ->type_name("FILE")
      ->capture_default_str();
  app.add_option("--allow-network", flags.allow_network,
                 "a network that may be probed though it is not public; repeatable")
      ->type_name("CIDR")
      ->allow_extra_args(false);
  app.add_option("--allow-port", flags.allow_port,
                 "a port that may be probed besides 80, 443, 8080 and 8443; repeatable")
      ->type_name("PORT")
      ->allow_extra_args(false);
}

Expected<ProbingOptions> understand_probing(const ProbingFlags& flags) {
  ProbingOptions options;
  if (!flags.resolver.empty()) {
    Expected<Resolver> resolver = parse_resolver(flags.resolver);
    if (!resolver) return std::unexpected(resolver.error());
    options.resolver = *std::move(resolver);
  }
  for (const std::string& text : flags.allow_network) {
    const Expected<Network> network = parse_network(text);
    if (!network) return invalid("--allow-network", network.error().message);
    options.allowed_networks.push_back(*network);
  }
  for (const std::string& text : flags.allow_port) {
    std::uint16_t port = 0;
    const char* end = text.data() + text.size();
    const auto [parsed, error] = std::from_chars(text.data(), end, port);
    if (error != std::errc{} || parsed != end || port == 0) {
      return invalid("--allow-port", text + " is not a port between 1 and 65535");
    }
    options.allowed_ports.add(port);
  }
  options.ca_file = flags.ca_file;
  return options;
}

}  // namespace firstbyte::agent
