#include "agent/probe/address_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace firstbyte::agent {
namespace {

constexpr std::uint16_t kDnsPort = 53;
constexpr std::string_view kReserved = "a reserved address";
constexpr std::string_view kOwn = "an address of this host itself";
constexpr std::string_view kPerhapsOwn =
    "perhaps an address of this host itself, whose interfaces could not be read";

struct SpecialPurpose {
  std::string_view text;
  std::string_view kind;
  Network network = parse_network(text).value();
};

// What is not public unicast, by the IANA special-purpose registries (RFC 6890 and its updates).
// The transition prefixes are here since an IPv4 address of any kind can hide in them. Of two that
// hold an address, the first says what it is.
// The rest of IPv6 is reserved, but for what IANA gives out as global unicast.
const std::vector<SpecialPurpose>& special_purpose() {
  static const std::vector<SpecialPurpose> networks{
      {"0.0.0.0/8", kOwn},
      {"10.0.0.0/8", "a private address"},
      {"100.64.0.0/10", "an address behind a carrier's NAT"},
      {"127.0.0.0/8", "a loopback address"},
      {"169.254.0.0/16", "a link-local address"},
      {"172.16.0.0/12", "a private address"},
      {"192.0.0.0/24", kReserved},
      {"192.0.2.0/24", "an address for documentation"},
      {"192.88.99.0/24", kReserved},
      {"192.168.0.0/16", "a private address"},
      {"198.18.0.0/15", "an address for benchmarks"},
      {"198.51.100.0/24", "an address for documentation"},
      {"203.0.113.0/24", "an address for documentation"},
      {"224.0.0.0/4", "a multicast address"},
      {"240.0.0.0/4", kReserved},
      {"::/128", kOwn},
      {"::1/128", "a loopback address"},
      {"::/96", kReserved},
      {"::ffff:0:0/96", "an IPv4-mapped address"},
      {"64:ff9b::/96", "a NAT64 address"},
      {"64:ff9b:1::/48", "a NAT64 address"},
      {"100::/64", kReserved},
      {"2001::/23", kReserved},
      {"2001:db8::/32", "an address for documentation"},
      {"2002::/16", "a 6to4 address"},
      {"3fff::/20", "an address for documentation"},
      {"5f00::/16", kReserved},
      {"fc00::/7", "a private address"},
      {"fe80::/10", "a link-local address"},
      {"fec0::/10", "a private address"},
      {"ff00::/8", "a multicast address"}};
  return networks;
}

bool is_global_unicast(const IpAddress& address) {
  static const Network v6 = parse_network("2000::/3").value();
  return address.v4 || v6.contains(address);
}

}  // namespace

AddressPolicy::Ports::Ports() : ports_{80, 443, 8080, 8443} {}

AddressPolicy::Ports AddressPolicy::Ports::any() {
  Ports ports;
  ports.any_ = true;
  return ports;
}

bool AddressPolicy::Ports::contains(std::uint16_t port) const {
  return any_ || std::ranges::find(ports_, port) != ports_.end();
}

AddressPolicy::AddressPolicy(std::vector<Network> allowed, Ports ports, OwnAddresses own)
    : allowed_(std::move(allowed)), ports_(std::move(ports)), own_(std::move(own)) {}

std::optional<AddressPolicy::Objection> AddressPolicy::objection_to(
    const IpAddress& address) const {
  const auto covers = [&](const Network& network) { return network.contains(address); };
  if (std::ranges::any_of(allowed_, covers)) return std::nullopt;
  const auto special = std::ranges::find_if(special_purpose(), covers, &SpecialPurpose::network);
  if (special != special_purpose().end()) {
    return Objection{special->kind, std::string(special->text)};
  }
  if (!is_global_unicast(address)) return Objection{kReserved, to_string(address)};
  if (own_.contains(address)) {
    return Objection{own_.are_known() ? kOwn : kPerhapsOwn, to_string(address)};
  }
  return std::nullopt;
}

bool AddressPolicy::allows(const IpAddress& address) const { return !objection_to(address); }

bool AddressPolicy::allows(std::string_view address) const {
  const Expected<IpAddress> parsed = parse_address(address);
  return parsed && allows(*parsed);
}

bool AddressPolicy::allows(const sockaddr* address) const {
  const std::optional<IpAddress> parsed = address_of(address);
  return parsed && allows(*parsed);
}

bool AddressPolicy::allows_resolver(std::string_view address, std::uint16_t port) const {
  return allows(address) && (port == kDnsPort || allows_port(port));
}

std::string AddressPolicy::refusal_of(std::string_view address) const {
  const Expected<IpAddress> parsed = parse_address(address);
  const std::optional<Objection> objection = parsed ? objection_to(*parsed) : std::nullopt;
  if (!objection) return fmt::format("this agent may not probe {}", address);
  return fmt::format(
      "this agent may not probe {}: it is {}; the agent's --allow-network {} would allow it",
      address, objection->kind, objection->network);
}

std::string AddressPolicy::refusal_of_port(std::uint16_t port) const {
  return fmt::format("this agent may not probe port {}; the agent's --allow-port {} would allow it",
                     port, port);
}

std::string AddressPolicy::refusal_of_resolver(std::string_view address, std::uint16_t port) const {
  const std::string refusal = allows(address) ? refusal_of_port(port) : refusal_of(address);
  return fmt::format("the target's resolver: {}", refusal);
}

}  // namespace firstbyte::agent
