#include "agent/probing_flags.h"

#include <CLI/CLI.hpp>
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
      ->type_name("CIDR");
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
  options.ca_file = flags.ca_file;
  return options;
}

}  // namespace firstbyte::agent
