#include "agent/probe/dns_message.h"

#include "common/ip_address.h"
#include "common/utf8.h"
#include "tests/fuzz/require.h"

using firstbyte::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMaxName = 1024;  // what the collector takes
  constexpr std::int64_t kMaxTtl = 0xffff'ffff;
  const auto answer = firstbyte::agent::parse_dns_answer({data, size});
  if (!answer) return 0;
  require(answer->addresses.size() <= firstbyte::kMaxDnsRecords, "addresses are bounded");
  require(answer->cnames.size() <= firstbyte::kMaxDnsRecords, "CNAMEs are bounded");
  const bool full = answer->addresses.size() == firstbyte::kMaxDnsRecords ||
                    answer->cnames.size() == firstbyte::kMaxDnsRecords;
  require(full || answer->omitted == 0, "what fits is kept");
  for (const auto& [address, ttl] : answer->addresses) {
    require(firstbyte::parse_address(address).has_value(), "an address is one");
    require(ttl.count() >= 0 && ttl.count() <= kMaxTtl, "a TTL has 32 bits");
  }
  for (const std::string& name : answer->cnames) {
    require(name.size() <= kMaxName, "a name is bounded");
    require(firstbyte::is_printable_utf8(name), "a name can be shown");
  }
  return 0;
}
