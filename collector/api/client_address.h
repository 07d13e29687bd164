// Who really asks, where proxies stand in between. Untrusted text: pure functions.
#pragma once

#include <string_view>
#include <vector>

#include "common/ip_address.h"

namespace firstbyte::collector {

// An IPv4 address that came by a socket for both (::ffff:192.0.2.1) as the IPv4 address it is.
IpAddress unmapped(const IpAddress& address);

bool contains(const std::vector<Network>& networks, const IpAddress& address);

// `peer` is who connected, `forwarded_for` the value of X-Forwarded-For, to which each proxy
// appends whom it saw. Read from the right, the first address that is not of a trusted proxy's;
// what stands further left is hearsay. Where something else than an address stands, the proxy that
// said so is all there is to know.
IpAddress client_address(const IpAddress& peer, std::string_view forwarded_for,
                         const std::vector<Network>& trusted_proxies);

}  // namespace firstbyte::collector
