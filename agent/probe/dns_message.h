// Reads a DNS response: untrusted bytes from the network. Parsing itself is libresolv's.
#pragma once

#include <cstdint>
#include <span>

#include "common/error.h"
#include "common/measurement.h"

namespace firstbyte::agent {

// The addresses (A and AAAA) and the CNAME chain of the answer section, in their order and with
// their own TTLs, the first kMaxDnsRecords of each kind. The Error says that the message is
// malformed. The resolver's name is left empty.
Expected<DnsAnswer> parse_dns_answer(std::span<const std::uint8_t> message);

}  // namespace firstbyte::agent
