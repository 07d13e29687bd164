// Which addresses this agent may be aimed at. Only its operator can widen it, never the collector
// or a user: otherwise a network of probes would be a door into every network that hosts one.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"

namespace firstbyte::agent {

// An address in IPv6 form; IPv4 as ::ffff:a.b.c.d, so that both are matched by one rule.
using AddressBytes = std::array<std::uint8_t, 16>;

struct Network {
  AddressBytes prefix{};
  int bits = 0;  // of the 128
  bool contains(const AddressBytes& address) const;
};

// "10.0.0.0/8", "fd00::/8", or a single address.
Expected<Network> parse_network(std::string_view text);
Expected<AddressBytes> parse_address(std::string_view text);

class AddressPolicy {
 public:
  // Public unicast only. `allowed` adds networks that would be refused.
  explicit AddressPolicy(std::vector<Network> allowed = {});

  bool allows(const AddressBytes& address) const;
  bool allows(std::string_view address) const;
  bool allows(const sockaddr* address) const;

  // One sentence about an address that is not allowed: of which kind it is, and which network the
  // operator would have to allow.
  static std::string refusal_of(std::string_view address);

 private:
  std::vector<Network> allowed_;
};

}  // namespace firstbyte::agent
