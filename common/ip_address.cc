#include "common/ip_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace firstbyte {
namespace {

template <typename Address>
IpAddress copy(const Address& address) {
  IpAddress copied{.v4 = sizeof address == 4};
  std::memcpy(copied.bytes.data(), &address, sizeof address);
  return copied;
}

}  // namespace

bool Network::contains(const IpAddress& address) const {
  if (address.v4 != prefix.v4) return false;
  const int whole = bits / 8;
  const auto& ours = prefix.bytes;
  if (!std::equal(ours.begin(), ours.begin() + whole, address.bytes.begin())) return false;
  if (bits % 8 == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff << (8 - bits % 8));
  const auto at = static_cast<std::size_t>(whole);
  return (ours[at] & mask) == (address.bytes[at] & mask);
}

Expected<IpAddress> parse_address(std::string_view text) {
  const std::string address(text);
  // inet_pton() would take what stands before a NUL for the whole.
  const bool whole = !address.contains('\0');
  in_addr v4{};
  if (whole && inet_pton(AF_INET, address.c_str(), &v4) == 1) return copy(v4);
  in6_addr v6{};
  if (whole && inet_pton(AF_INET6, address.c_str(), &v6) == 1) return copy(v6);
  return invalid("", fmt::format("{} is not an IP address", text));
}

std::optional<IpAddress> address_of(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    return copy(reinterpret_cast<const sockaddr_in*>(address)->sin_addr);
  }
  if (address->sa_family == AF_INET6) {
    return copy(reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr);
  }
  return std::nullopt;
}

std::string to_string(const IpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(address.v4 ? AF_INET : AF_INET6, address.bytes.data(), text.data(), text.size());
  return text.data();
}

Expected<Network> parse_network(std::string_view text) {
  const auto slash = text.find('/');
  const Expected<IpAddress> address = parse_address(text.substr(0, slash));
  if (!address) return std::unexpected(address.error());
  int bits = address->v4 ? 32 : 128;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    int given = -1;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), given);
    if (error != std::errc{} || end != digits.data() + digits.size() || given < 0 || given > bits) {
      return invalid("", fmt::format("{} has no prefix length between 0 and {}", text, bits));
    }
    bits = given;
  }
  return Network{*address, bits};
}

}  // namespace firstbyte
