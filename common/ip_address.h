// Addresses and networks of the internet as plain values.
#pragma once

#include <sys/socket.h>

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/error.h"

namespace firstbyte {

// An address as it would be dialled: ::ffff:8.8.8.8 is of IPv6, and not the same as 8.8.8.8.
struct IpAddress {
  bool v4 = false;
  std::array<std::uint8_t, 16> bytes{};  // in network order; of IPv4 the first four
  auto operator<=>(const IpAddress&) const = default;
};

struct Network {
  IpAddress prefix;
  int bits = 0;  // of the 32 or 128
  bool contains(const IpAddress& address) const;
};

// "10.0.0.0/8", "fd00::/8", or a single address.
Expected<Network> parse_network(std::string_view text);
Expected<IpAddress> parse_address(std::string_view text);
std::string to_string(const IpAddress& address);
// Nothing for what is no address of the internet.
std::optional<IpAddress> address_of(const sockaddr* address);

}  // namespace firstbyte
