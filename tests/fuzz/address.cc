#include <arpa/inet.h>

#include <array>
#include <string>

#include "agent/probe/address_policy.h"
#include "agent/probe/dns_lookup.h"
#include "common/utf8.h"
#include "tests/fuzz/require.h"

namespace {

using namespace firstbyte::agent;
using firstbyte::parse_address;
using firstbyte::parse_network;
using firstbyte::fuzz::require;

// What connect() would be given for a text that was accepted.
class SocketAddress {
 public:
  explicit SocketAddress(const std::string& text) {
    if (inet_pton(AF_INET, text.c_str(), &v4_.sin_addr) == 1) {
      v4_.sin_family = AF_INET;
    } else if (inet_pton(AF_INET6, text.c_str(), &v6_.sin6_addr) == 1) {
      v6_.sin6_family = AF_INET6;
    }
  }
  const sockaddr* get() const {
    return v4_.sin_family == AF_INET ? reinterpret_cast<const sockaddr*>(&v4_)
                                     : reinterpret_cast<const sockaddr*>(&v6_);
  }
  std::string text() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const void* address = v4_.sin_family == AF_INET ? static_cast<const void*>(&v4_.sin_addr)
                                                    : static_cast<const void*>(&v6_.sin6_addr);
    inet_ntop(get()->sa_family, address, text.data(), text.size());
    return text.data();
  }

 private:
  sockaddr_in v4_{};
  sockaddr_in6 v6_{};
};

void look_at_address(std::string_view text) {
  const auto address = parse_address(text);
  const AddressPolicy policy;
  require(address || !policy.allows(text), "what is no address is not allowed");
  if (!address) return;
  require(text.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos,
          "an address is written with digits, colons and dots");
  const SocketAddress socket{std::string(text)};
  require(parse_address(socket.text()) == *address, "an address written anew is the same");
  const bool allowed = policy.allows(*address);
  require(policy.allows(text) == allowed, "an address and its text are treated alike");
  require(policy.allows(socket.get()) == allowed, "an address and a socket's are treated alike");
  require(firstbyte::is_printable_utf8(policy.refusal_of(text)), "a refusal can be shown");
}

void look_at_network(std::string_view text) {
  const auto network = parse_network(text);
  if (!network) return;
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
