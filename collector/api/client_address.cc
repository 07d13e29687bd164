#include "collector/api/client_address.h"

#include <algorithm>

#include "common/endpoint.h"

namespace firstbyte::collector {
namespace {

constexpr std::string_view kBlank = " \t";

// Takes what stands behind the last comma off the end of `list`, without the blanks around it.
std::string_view cut_last(std::string_view& list) {
  const std::size_t comma = list.rfind(',');
  std::string_view last = comma == std::string_view::npos ? list : list.substr(comma + 1);
  list = comma == std::string_view::npos ? std::string_view() : list.substr(0, comma);
  last.remove_prefix(std::min(last.find_first_not_of(kBlank), last.size()));
  return last.substr(0, last.find_last_not_of(kBlank) + 1);
}

}  // namespace

IpAddress unmapped(const IpAddress& address) {
  static const Network mapped = parse_network("::ffff:0:0/96").value();
  if (!mapped.contains(address)) return address;
  IpAddress v4{.v4 = true};
  std::copy(address.bytes.begin() + 12, address.bytes.end(), v4.bytes.begin());
  return v4;
}

bool contains(const std::vector<Network>& networks, const IpAddress& address) {
  return std::ranges::any_of(networks,
                             [&](const Network& network) { return network.contains(address); });
}

IpAddress client_address(const IpAddress& peer, std::string_view forwarded_for,
                         const std::vector<Network>& trusted_proxies) {
  IpAddress client = unmapped(peer);
  while (!forwarded_for.empty() && contains(trusted_proxies, client)) {
    const auto said = parse_endpoint(cut_last(forwarded_for));  // some proxies add the port
    if (!said) return client;
    client = unmapped(parse_address(said->ip).value());
  }
  return client;
}

}  // namespace firstbyte::collector
