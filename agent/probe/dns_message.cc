#include "agent/probe/dns_message.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netinet/in.h>
#include <resolv.h>

#include <array>

namespace firstbyte::agent {
namespace {

std::string address_text(int family, const unsigned char* data) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(family, data, text.data(), text.size());
  return text.data();
}

}  // namespace

Expected<DnsAnswer> parse_dns_answer(std::span<const std::uint8_t> message) {
  const auto malformed = invalid("dns", "the resolver's answer is malformed");
  ns_msg handle;
  if (ns_initparse(message.data(), static_cast<int>(message.size()), &handle) != 0) {
    return malformed;
  }
  DnsAnswer answer;
  const auto keep_address = [&](std::string text, std::chrono::seconds ttl) {
    if (answer.addresses.size() < kMaxDnsRecords)
      answer.addresses.push_back({std::move(text), ttl});
  };
  const int count = ns_msg_count(handle, ns_s_an);
  for (int i = 0; i < count; ++i) {
    ns_rr record;
    if (ns_parserr(&handle, ns_s_an, i, &record) != 0) return malformed;
    const std::chrono::seconds ttl{ns_rr_ttl(record)};
    if (ns_rr_type(record) == ns_t_a && ns_rr_rdlen(record) == NS_INADDRSZ) {
      keep_address(address_text(AF_INET, ns_rr_rdata(record)), ttl);
    } else if (ns_rr_type(record) == ns_t_aaaa && ns_rr_rdlen(record) == NS_IN6ADDRSZ) {
      keep_address(address_text(AF_INET6, ns_rr_rdata(record)), ttl);
    } else if (ns_rr_type(record) == ns_t_cname) {
      std::array<char, NS_MAXDNAME> name{};
      if (ns_name_uncompress(ns_msg_base(handle), ns_msg_end(handle), ns_rr_rdata(record),
                             name.data(), name.size()) < 0) {
        return malformed;
      }
      if (answer.cnames.size() < kMaxDnsRecords) answer.cnames.emplace_back(name.data());
    }
  }
  return answer;
}

}  // namespace firstbyte::agent
