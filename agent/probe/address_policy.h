// Which addresses this agent may be aimed at. Only its operator can widen it, never the collector
// or a user: otherwise a network of probes would be a door into every network that hosts one.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/probe/own_addresses.h"
#include "common/error.h"
#include "common/ip_address.h"

namespace firstbyte::agent {

// Loop thread only, once it is in use.
class AddressPolicy {
 public:
  // Which ports may be probed: by default those on which web servers listen.
  class Ports {
   public:
    Ports();
    static Ports any();
    void add(std::uint16_t port) { ports_.push_back(port); }
    bool contains(std::uint16_t port) const;

   private:
    std::vector<std::uint16_t> ports_;
    bool any_ = false;
  };

  // Public unicast only, and not this host's own addresses. `allowed` adds networks that would be
  // refused.
  explicit AddressPolicy(std::vector<Network> allowed = {}, Ports ports = {},
                         OwnAddresses own = OwnAddresses());

  bool allows(const IpAddress& address) const;
  bool allows(std::string_view address) const;
  bool allows(const sockaddr* address) const;
  bool allows_port(std::uint16_t port) const { return ports_.contains(port); }
  // A resolver that a target asks for is one more place to send packets to: as any other, but on
  // port 53 as well.
  bool allows_resolver(std::string_view address, std::uint16_t port) const;

  // One sentence about what is not allowed: why, and what the operator would have to allow.
  std::string refusal_of(std::string_view address) const;
  std::string refusal_of_port(std::uint16_t port) const;
  std::string refusal_of_resolver(std::string_view address, std::uint16_t port) const;

 private:
  // What an address is that makes it none to probe, and the network that would cover it.
  struct Objection {
    std::string_view kind;
    std::string network;
  };
  std::optional<Objection> objection_to(const IpAddress& address) const;

  std::vector<Network> allowed_;
  Ports ports_;
  mutable OwnAddresses own_;  // looks them up when it is asked
};

}  // namespace firstbyte::agent
