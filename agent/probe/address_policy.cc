#include "agent/probe/address_policy.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace firstbyte::agent {
namespace {

constexpr int kV4Offset = 96;  // bits before an IPv4 address in its mapped form

AddressBytes map_v4(const in_addr& address) {
  AddressBytes bytes{};
  bytes[10] = bytes[11] = 0xff;
  std::memcpy(bytes.data() + 12, &address, 4);
  return bytes;
}

AddressBytes copy_v6(const in6_addr& address) {
  AddressBytes bytes;
  std::memcpy(bytes.data(), &address, bytes.size());
  return bytes;
}

struct SpecialPurpose {
  std::string_view text;
  std::string_view kind;
  Network network = parse_network(text).value();
};

// What is not public unicast, by the IANA special-purpose registries (RFC 6890 and its updates).
// The transition prefixes are here since an IPv4 address of any kind can hide in them. Of two that
// hold an address, the first says what it is.
const std::vector<SpecialPurpose>& special_purpose() {
  static const std::vector<SpecialPurpose> networks{
      {"0.0.0.0/8", "an address of this host itself"},
      {"10.0.0.0/8", "a private address"},
      {"100.64.0.0/10", "an address behind a carrier's NAT"},
      {"127.0.0.0/8", "a loopback address"},
      {"169.254.0.0/16", "a link-local address"},
      {"172.16.0.0/12", "a private address"},
      {"192.0.0.0/24", "a reserved address"},
      {"192.0.2.0/24", "an address for documentation"},
      {"192.88.99.0/24", "a reserved address"},
      {"192.168.0.0/16", "a private address"},
      {"198.18.0.0/15", "an address for benchmarks"},
      {"198.51.100.0/24", "an address for documentation"},
      {"203.0.113.0/24", "an address for documentation"},
      {"224.0.0.0/4", "a multicast address"},
      {"240.0.0.0/4", "a reserved address"},
      {"::/128", "an address of this host itself"},
      {"::1/128", "a loopback address"},
      {"::/96", "a reserved address"},
      {"64:ff9b::/96", "a NAT64 address"},
      {"64:ff9b:1::/48", "a NAT64 address"},
      {"100::/64", "a reserved address"},
      {"2001::/23", "a reserved address"},
      {"2001:db8::/32", "an address for documentation"},
      {"2002::/16", "a 6to4 address"},
      {"3fff::/20", "an address for documentation"},
      {"5f00::/16", "a reserved address"},
      {"fc00::/7", "a private address"},
      {"fe80::/10", "a link-local address"},
      {"fec0::/10", "a private address"},
      {"ff00::/8", "a multicast address"}};
  return networks;
}

const SpecialPurpose* special_purpose_of(const AddressBytes& address) {
  const auto found = std::ranges::find_if(special_purpose(), [&](const SpecialPurpose& special) {
    return special.network.contains(address);
  });
  return found == special_purpose().end() ? nullptr : &*found;
}

}  // namespace

bool Network::contains(const AddressBytes& address) const {
  const int whole = bits / 8;
  if (!std::equal(prefix.begin(), prefix.begin() + whole, address.begin())) return false;
  if (bits % 8 == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff << (8 - bits % 8));
  const auto at = static_cast<std::size_t>(whole);
  return (prefix[at] & mask) == (address[at] & mask);
}

Expected<AddressBytes> parse_address(std::string_view text) {
  const std::string address(text);
  // inet_pton() would take what stands before a NUL for the whole.
  const bool whole = !address.contains('\0');
  in_addr v4{};
  if (whole && inet_pton(AF_INET, address.c_str(), &v4) == 1) return map_v4(v4);
  in6_addr v6{};
  if (whole && inet_pton(AF_INET6, address.c_str(), &v6) == 1) return copy_v6(v6);
  return invalid("", fmt::format("{} is not an IP address", text));
}

Expected<Network> parse_network(std::string_view text) {
  const auto slash = text.find('/');
  const Expected<AddressBytes> address = parse_address(text.substr(0, slash));
  if (!address) return std::unexpected(address.error());
  const bool v4 = text.find(':') == std::string_view::npos;
  int bits = v4 ? 32 : 128;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    int given = -1;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), given);
    if (error != std::errc{} || end != digits.data() + digits.size() || given < 0 || given > bits) {
      return invalid("", fmt::format("{} has no prefix length between 0 and {}", text, bits));
    }
    bits = given;
  }
  return Network{*address, v4 ? bits + kV4Offset : bits};
}

AddressPolicy::AddressPolicy(std::vector<Network> allowed) : allowed_(std::move(allowed)) {}

bool AddressPolicy::allows(const AddressBytes& address) const {
  const auto covers = [&](const Network& network) { return network.contains(address); };
  return std::ranges::any_of(allowed_, covers) || special_purpose_of(address) == nullptr;
}

bool AddressPolicy::allows(std::string_view address) const {
  const Expected<AddressBytes> bytes = parse_address(address);
  return bytes && allows(*bytes);
}

bool AddressPolicy::allows(const sockaddr* address) const {
  if (address->sa_family == AF_INET) {
    return allows(map_v4(reinterpret_cast<const sockaddr_in*>(address)->sin_addr));
  }
  if (address->sa_family == AF_INET6) {
    return allows(copy_v6(reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr));
  }
  return false;
}

std::string AddressPolicy::refusal_of(std::string_view address) {
  const Expected<AddressBytes> bytes = parse_address(address);
  const SpecialPurpose* special = bytes ? special_purpose_of(*bytes) : nullptr;
  if (special == nullptr) return fmt::format("this agent may not probe {}", address);
  return fmt::format(
      "this agent may not probe {}: it is {}; the agent's --allow-network {} would allow it",
      address, special->kind, special->text);
}

}  // namespace firstbyte::agent
