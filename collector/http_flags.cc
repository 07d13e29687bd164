#include "collector/http_flags.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

namespace firstbyte::collector {
namespace {

constexpr std::int64_t kMaxLimit = 1'000'000;
constexpr std::size_t kMaxHostName = 253;

void declare_limits(CLI::App& app, TestLimitRates& limits) {
  const auto add = [&](const char* name, std::int64_t& value, const std::string& whose) {
    app.add_option(name, value, "samples of on-demand tests a minute " + whose + "; 0: any")
        ->type_name("N")
        ->check(CLI::Range(std::int64_t{0}, kMaxLimit).description(""))
        ->capture_default_str();
  };
  add("--limit-client", limits.per_client, "of a client (IPv4 address, IPv6 /64)");
  add("--limit-target", limits.per_target, "of a host that is probed");
  add("--limit-total", limits.in_total, "of all together");
}

// What a browser would send as Host, without the port.
Expected<> check_host_name(std::string_view text) {
  if (text.empty() || text.size() > kMaxHostName ||
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") !=
          std::string_view::npos) {
    return invalid("--http-host", fmt::format("{} is not a host name", text));
  }
  return {};
}

}  // namespace

void declare_http(CLI::App& app, HttpFlags& flags) {
  app.add_option("--http-access", flags.access,
                 "who may read and start tests over HTTP: public (everybody) or token (whoever\n"
                 "has an API token)")
      ->type_name("WHO")
      ->capture_default_str();
  app.add_option("--http-host", flags.hosts,
                 "a name under which people reach the page, others are refused; repeatable\n"
                 "(default: any, or on a loopback address localhost; addresses always)")
      ->type_name("NAME")
      ->allow_extra_args(false);
  app.add_option("--http-certificate", flags.certificate.certificate,
                 "certificate and chain with which to serve HTTPS; read again when it changes")
      ->type_name("FILE");
  app.add_option("--http-key", flags.certificate.key, "its key")->type_name("FILE");
  app.add_option("--trusted-proxy", flags.trusted_proxies,
                 "a proxy in front of the page whose X-Forwarded-For and X-Forwarded-Proto are\n"
                 "believed; repeatable")
      ->type_name("CIDR")
      ->allow_extra_args(false);
  declare_limits(app, flags.limits);
}

Expected<HttpSettings> understand_http(const HttpFlags& flags) {
  HttpSettings settings;
  const auto access = http_access_from_string(flags.access);
  if (!access) {
    return invalid("--http-access", fmt::format("{} is neither public nor token", flags.access));
  }
  settings.access = *access;
  for (const std::string& name : flags.hosts) {
    if (auto checked = check_host_name(name); !checked) return std::unexpected(checked.error());
  }
  settings.hosts = flags.hosts;
  for (const std::string& text : flags.trusted_proxies) {
    const auto network = parse_network(text);
    if (!network) return invalid("--trusted-proxy", network.error().message);
    settings.trusted_proxies.push_back(*network);
  }
  const auto& [certificate, key] = flags.certificate;
  if (certificate.empty() != key.empty()) {
    return invalid(certificate.empty() ? "--http-certificate" : "--http-key",
                   "a certificate and its key go together");
  }
  if (!certificate.empty()) settings.certificate = flags.certificate;
  settings.limits = flags.limits;
  return settings;
}

}  // namespace firstbyte::collector
