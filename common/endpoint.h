// An address with or without a port as people write it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/measurement.h"

namespace firstbyte {

// Reads "192.0.2.1", "192.0.2.1:53", "2001:db8::1", "[2001:db8::1]" and "[2001:db8::1]:53", the
// address into its shortest form; port 0 when there is none. Absent when it is none of these.
std::optional<Endpoint> parse_endpoint(std::string_view text);

// The same back; an IPv6 address has brackets when a port follows.
std::string to_string(const Endpoint& endpoint);

// "HOST:PORT", as one dials: a name or an address (IPv6 in brackets) and a port from 1 on.
bool is_host_port(std::string_view text);

// Whether "HOST:PORT" stays on this machine: 127.0.0.0/8, [::1] or localhost.
bool is_loopback(std::string_view host_port);

inline bool is_ipv6(std::string_view ip) { return ip.contains(':'); }

}  // namespace firstbyte
