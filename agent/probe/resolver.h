// A DNS server to ask.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/error.h"

namespace firstbyte::agent {

// The resolver an operator or a target chose, or the first of the system's list.
struct Resolver {
  std::string ip;  // empty: the system's
  std::uint16_t port = 53;

  std::string to_string() const;  // "IP:PORT", "[IP]:PORT", or empty
  bool operator==(const Resolver&) const = default;
};

// "9.9.9.9", "127.0.0.1:8053", "[2620:fe::fe]:53". The Error names "--resolver".
Expected<Resolver> parse_resolver(std::string_view text);

// The first server of a file like /etc/resolv.conf; 127.0.0.1 when it names none or is not there,
// as for any other program. The Error says why it cannot be read.
Expected<Resolver> read_system_resolver(const std::string& resolv_conf);

}  // namespace firstbyte::agent
