// Reads a DNS response: untrusted bytes from the network. Parsing itself is libresolv's.
#pragma once

#include <cstdint>
#include <span>

#include "common/error.h"
#include "common/measurement.h"

namespace firstbyte::agent {

// The chain of CNAMEs from the name of the question, and the addresses (A and AAAA) of the name it
// ends in, in their order and with their own TTLs, the first kMaxDnsRecords of each kind and how
// many there are beyond; records of other names are left out. The Error is a sentence for people:
// the message is malformed or no answer to one question, its CNAMEs run in a circle, or it has a
// response code that no resolver should give (of the usual failures what there is is given). The
// resolver's name is left empty.
Expected<DnsAnswer> parse_dns_answer(std::span<const std::uint8_t> message);

}  // namespace firstbyte::agent
