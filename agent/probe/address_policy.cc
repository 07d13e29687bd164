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

// What is not public unicast, by the IANA special-purpose registries (RFC 6890 and its updates).
// The transition prefixes are here since an IPv4 address of any kind can hide in them.
constexpr std::array kSpecialPurpose{
    "0.0.0.0/8",     "10.0.0.0/8",      "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16",
    "172.16.0.0/12", "192.0.0.0/24",    "192.0.2.0/24",   "192.88.99.0/24", "192.168.0.0/16",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4",
    "::/96",         "64:ff9b::/96",    "64:ff9b:1::/48", "100::/64",       "2001::/23",
    "2001:db8::/32", "2002::/16",       "3fff::/20",      "5f00::/16",      "fc00::/7",
    "fe80::/10",     "fec0::/10",       "ff00::/8"};

const std::vector<Network>& special_purpose() {
  static const std::vector<Network> networks = [] {
    std::vector<Network> parsed;
    parsed.reserve(kSpecialPurpose.size());
    for (const char* text : kSpecialPurpose) parsed.push_back(parse_network(text).value());
    return parsed;
  }();
  return networks;
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
  in_addr v4{};
  if (inet_pton(AF_INET, address.c_str(), &v4) == 1) return map_v4(v4);
  in6_addr v6{};
  if (inet_pton(AF_INET6, address.c_str(), &v6) == 1) return copy_v6(v6);
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
  return std::ranges::any_of(allowed_, covers) || std::ranges::none_of(special_purpose(), covers);
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

}  // namespace firstbyte::agent
