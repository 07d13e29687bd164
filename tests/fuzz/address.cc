#include <arpa/inet.h>

#include <cstring>

#include "agent/probe/address_policy.h"
#include "agent/probe/dns_lookup.h"
#include "common/utf8.h"
#include "tests/fuzz/require.h"

namespace {

using namespace firstbyte::agent;
using firstbyte::fuzz::require;

std::string text_of(const AddressBytes& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(AF_INET6, address.data(), text.data(), text.size());
  return text.data();
}

void look_at_address(std::string_view text) {
  const auto address = parse_address(text);
  const AddressPolicy policy;
  require(address || !policy.allows(text), "what is no address is not allowed");
  if (!address) return;
  require(text.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos,
          "an address is written with digits, colons and dots");
  require(parse_address(text_of(*address)) == *address, "an address written anew is the same");

  sockaddr_in6 socket{};
  socket.sin6_family = AF_INET6;
  std::memcpy(&socket.sin6_addr, address->data(), address->size());
  const bool allowed = policy.allows(*address);
  require(policy.allows(text) == allowed, "an address and its text are treated alike");
  require(policy.allows(reinterpret_cast<const sockaddr*>(&socket)) == allowed,
          "an address and a socket's are treated alike");
  require(firstbyte::is_printable_utf8(AddressPolicy::refusal_of(text)), "a refusal can be shown");
}

void look_at_network(std::string_view text) {
  constexpr int kBits = 128;
  const auto network = parse_network(text);
  if (!network) return;
  require(network->bits >= 0 && network->bits <= kBits, "a prefix is part of an address");
  require(network->contains(network->prefix), "a network holds its own prefix");
  require(AddressPolicy({*network}).allows(network->prefix), "what the operator allows is allowed");
}

void look_at_resolver(std::string_view text) {
  const auto resolver = parse_resolver(text);
  if (!resolver) {
    require(resolver.error().field == "--resolver", "a refusal names its flag");
    return;
  }
  require(parse_address(resolver->ip).has_value() && resolver->port != 0, "it can be asked");
  const auto again = parse_resolver(resolver->to_string());
  require(again && again->ip == resolver->ip && again->port == resolver->port,
          "a resolver written anew is the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  look_at_address(text);
  look_at_network(text);
  look_at_resolver(text);
  return 0;
}
