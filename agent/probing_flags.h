// The flags of whatever probes, be it for a collector or on its own: whom to ask, whom to trust,
// and where one may go.
#pragma once

#include <string>
#include <vector>

#include "agent/probe/address_policy.h"
#include "agent/probe/dns_lookup.h"
#include "common/error.h"

namespace CLI {
class App;
}

namespace firstbyte::agent {

// As typed, before it is understood.
struct ProbingFlags {
  std::string resolver;
  std::string ca_file = "/etc/ssl/certs/ca-certificates.crt";
  std::vector<std::string> allow_network;
  std::vector<std::string> allow_port;
};

struct ProbingOptions {
  Resolver resolver;
  std::string ca_file;
  std::vector<Network> allowed_networks;
  AddressPolicy::Ports allowed_ports;
};

// `flags` must live until the command line is parsed.
void declare_probing(CLI::App& app, ProbingFlags& flags);
// Errors name the flag.
Expected<ProbingOptions> understand_probing(const ProbingFlags& flags);

}  // namespace firstbyte::agent
