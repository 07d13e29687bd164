#include "collector/access_flags.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <utility>

#include "collector/lifetime.h"
#include "common/endpoint.h"

namespace firstbyte::collector {
namespace {

bool is_ip(const std::string& text) {
  const auto endpoint = parse_endpoint(text);
  return endpoint && endpoint->port == 0 && !text.starts_with('[');
}

bool is_host_name(const std::string& text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
  };
  return !text.empty() && text.size() <= 253 && text.front() != '-' && text.front() != '.' &&
         std::ranges::all_of(text, allowed);
}

// What agents on this machine and beside it would dial.
std::vector<std::string> default_names(const std::string& grpc) {
  std::vector<std::string> names;
  const auto add = [&](std::string name) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  };
  const auto bound = parse_endpoint(grpc.substr(0, grpc.rfind(':')));
  if (bound && bound->ip != "0.0.0.0" && bound->ip != "::") add(bound->ip);
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) == 0 && is_host_name(host.data())) {
    add(host.data());
  }
  add("localhost");
  return names;
}

Expected<> check_alone(const AccessFlags& flags) {
  const std::array<std::pair<const char*, bool>, 4> others{{
      {"--grpc-name", !flags.names.empty()},
      {"--grpc-certificate", !flags.certificate.empty()},
      {"--grpc-key", !flags.key.empty()},
      {"--grpc-ca", !flags.ca.empty()},
  }};
  for (const auto& [flag, given] : others) {
    if (given) return invalid(flag, "without TLS (--insecure) it means nothing");
  }
  return {};
}

Expected<> check_complete(const AccessFlags& flags) {
  if (flags.certificate.empty() && flags.key.empty() && flags.ca.empty()) return {};
  for (const auto& [flag, value] : {std::pair{"--grpc-certificate", &flags.certificate},
                                    {"--grpc-key", &flags.key},
                                    {"--grpc-ca", &flags.ca}}) {
    if (value->empty()) {
      return invalid(flag, "--grpc-certificate, --grpc-key and --grpc-ca go together");
    }
  }
  return {};
}

}  // namespace

void declare_access(CLI::App& app, AccessFlags& flags) {
  app.add_option("--grpc-name", flags.names,
                 "host name or address by which agents dial, the first one in what `agents\n"
                 "enroll` prints; repeatable (default: of --grpc, this host's, localhost)")
      ->type_name("NAME")
      ->expected(1)
      ->take_all();
  app.add_option("--grpc-certificate", flags.certificate,
                 "certificate and chain to show to agents instead of one made here;\n"
                 "read again when it changes")
      ->type_name("FILE");
  app.add_option("--grpc-key", flags.key, "its key")->type_name("FILE");
  app.add_option("--grpc-ca", flags.ca, "the authority it leads to, which agents will trust")
      ->type_name("FILE");
  app.add_option("--certificate-lifetime", flags.lifetime,
                 "of the certificates made here; agents renew after two thirds of it")
      ->type_name("10m|1h|90d")
      ->capture_default_str();
  app.add_flag("--insecure", flags.insecure,
               "agents without TLS and without enrolment; with --grpc on loopback only");
}

Expected<AccessOptions> understand_access(const AccessFlags& flags, const std::string& grpc) {
  AccessOptions options;
  options.insecure = flags.insecure;
  if (flags.insecure) {
    if (!is_loopback(grpc)) {
      return invalid("--insecure", fmt::format("{} (--grpc) is not on loopback", grpc));
    }
    if (auto alone = check_alone(flags); !alone) return std::unexpected(std::move(alone.error()));
  }
  if (auto complete = check_complete(flags); !complete) {
    return std::unexpected(std::move(complete.error()));
  }
  for (const std::string& name : flags.names) {
    if (!is_ip(name) && !is_host_name(name)) {
      return invalid("--grpc-name", fmt::format("{} is not a host name or an address", name));
    }
  }
  const auto lifetime = parse_lifetime(flags.lifetime, "--certificate-lifetime");
  if (!lifetime) return std::unexpected(lifetime.error());
  options.names = flags.names.empty() ? default_names(grpc) : flags.names;
  options.certificate_file = flags.certificate;
  options.key_file = flags.key;
  options.ca_file = flags.ca;
  options.certificate_lifetime = *lifetime;
  return options;
}

}  // namespace firstbyte::collector
