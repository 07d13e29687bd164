#include "agent/probe/dns_message.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <resolv.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/utf8.h"

namespace firstbyte::agent {
namespace {

std::unexpected<Error> malformed() { return invalid("dns", "the resolver's answer is malformed"); }

std::string address_text(int family, const unsigned char* data) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(family, data, text.data(), text.size());
  return text.data();
}

std::string lower(std::string name) {
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name;
}

// The answer section, by the names its records are of, in lower case.
struct Answers {
  std::unordered_map<std::string, std::string> cnames;
  std::vector<std::pair<std::string, ResolvedAddress>> addresses;
};

// False when the record is malformed.
bool take_record(const ns_msg& message, const ns_rr& record, Answers& answers) {
  const auto owner = [&] { return lower(ns_rr_name(record)); };
  const auto take_address = [&](int family) {
    answers.addresses.emplace_back(owner(),
                                   ResolvedAddress{address_text(family, ns_rr_rdata(record)),
                                                   std::chrono::seconds{ns_rr_ttl(record)}});
  };
  if (ns_rr_class(record) != ns_c_in) return true;
  if (ns_rr_type(record) == ns_t_a && ns_rr_rdlen(record) == NS_INADDRSZ) {
    take_address(AF_INET);
  } else if (ns_rr_type(record) == ns_t_aaaa && ns_rr_rdlen(record) == NS_IN6ADDRSZ) {
    take_address(AF_INET6);
  } else if (ns_rr_type(record) == ns_t_cname) {
    std::array<char, NS_MAXDNAME> name{};
    if (ns_name_uncompress(ns_msg_base(message), ns_msg_end(message), ns_rr_rdata(record),
                           name.data(), name.size()) < 0) {
      return false;
    }
    answers.cnames.try_emplace(owner(), name.data());
  }
  return true;
}

}  // namespace

Expected<DnsAnswer> parse_dns_answer(std::span<const std::uint8_t> message) {
  ns_msg handle;
  if (ns_initparse(message.data(), static_cast<int>(message.size()), &handle) != 0) {
    return malformed();
  }
  if (ns_msg_getflag(handle, ns_f_qr) == 0 || ns_msg_count(handle, ns_s_qd) != 1) {
    return malformed();
  }
  // Beyond these (RFC 1035) lie codes of updates, signatures and cookies, none of which was asked
  // for.
  if (const int code = ns_msg_getflag(handle, ns_f_rcode); code > ns_r_refused) {
    return invalid("dns", fmt::format("the resolver answered with the code {}", code));
  }
  ns_rr record;
  if (ns_parserr(&handle, ns_s_qd, 0, &record) != 0) return malformed();
  std::string name = lower(ns_rr_name(record));
  Answers answers;
  for (int i = 0; i < ns_msg_count(handle, ns_s_an); ++i) {
    if (ns_parserr(&handle, ns_s_an, i, &record) != 0 || !take_record(handle, record, answers)) {
      return malformed();
    }
  }

  DnsAnswer answer;
  std::size_t steps = 0;
  for (auto next = answers.cnames.find(name); next != answers.cnames.end();
       next = answers.cnames.find(name)) {
    // More steps than there are CNAMEs: one was taken twice.
    if (++steps > answers.cnames.size()) {
      // Escaped, a name may be four times as long as on the wire, which no failure's message is.
      return invalid("dns", fmt::format("the CNAMEs run in a circle, through {}",
                                        cut_text(next->second, NS_MAXCDNAME)));
    }
    if (answer.cnames.size() < kMaxDnsRecords) {
      answer.cnames.push_back(next->second);
    } else {
      ++answer.omitted;
    }
    name = lower(next->second);
  }
  for (auto& [owner, address] : answers.addresses) {
    if (owner != name) continue;
    if (answer.addresses.size() < kMaxDnsRecords) {
      answer.addresses.push_back(std::move(address));
    } else {
      ++answer.omitted;
    }
  }
  return answer;
}

}  // namespace firstbyte::agent
