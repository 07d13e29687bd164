#include "common/ip_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

namespace firstbyte {
namespace {

TEST(IpAddress, IsWrittenAsItIsRead) {
  for (const char* text : {"192.0.2.7", "2001:db8::7", "::ffff:8.8.8.8", "::", "0.0.0.0"}) {
    EXPECT_EQ(to_string(parse_address(text).value()), text);
  }
}

TEST(IpAddress, IsNotTheSameInItsMappedForm) {
  EXPECT_NE(parse_address("8.8.8.8").value(), parse_address("::ffff:8.8.8.8").value());
}

TEST(IpAddress, IsReadInNoFormButTheUsual) {
  for (const char* text : {"", "127.1", "2130706433", "0x7f.0.0.1", "127.0.0.1.", " 127.0.0.1",
                           "[::1]", "fe80::1%lo", "::ffff:127.1"}) {
    const auto address = parse_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().message, std::string(text) + " is not an IP address");
  }
}

TEST(IpAddress, IsThatOfASocket) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  inet_pton(AF_INET, "192.0.2.7", &v4.sin_addr);
  EXPECT_EQ(address_of(reinterpret_cast<const sockaddr*>(&v4)), parse_address("192.0.2.7").value());
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  inet_pton(AF_INET6, "::ffff:192.0.2.7", &v6.sin6_addr);
  EXPECT_EQ(address_of(reinterpret_cast<const sockaddr*>(&v6)),
            parse_address("::ffff:192.0.2.7").value());
  sockaddr unix_socket{};
  unix_socket.sa_family = AF_UNIX;
  EXPECT_EQ(address_of(&unix_socket), std::nullopt);
}

TEST(Network, HoldsOnlyAddressesOfItsOwnFamily) {
  EXPECT_FALSE(parse_network("0.0.0.0/0")->contains(parse_address("::ffff:8.8.8.8").value()));
  EXPECT_FALSE(parse_network("::/0")->contains(parse_address("8.8.8.8").value()));
  EXPECT_TRUE(parse_network("::ffff:0:0/96")->contains(parse_address("::ffff:8.8.8.8").value()));
}

TEST(Network, ContainsWhatSharesItsBitsAndNothingElse) {
  const Network network = parse_network("192.0.2.64/26").value();
  EXPECT_FALSE(network.contains(parse_address("192.0.2.63").value()));
  EXPECT_TRUE(network.contains(parse_address("192.0.2.64").value()));
  EXPECT_TRUE(network.contains(parse_address("192.0.2.127").value()));
  EXPECT_FALSE(network.contains(parse_address("192.0.2.128").value()));
}

class BadNetwork : public testing::TestWithParam<const char*> {};

TEST_P(BadNetwork, IsRefused) {
  const auto network = parse_network(GetParam());
  ASSERT_FALSE(network);
  EXPECT_EQ(network.error().kind, Error::Kind::kInvalid);
  EXPECT_FALSE(network.error().message.empty());
}

INSTANTIATE_TEST_SUITE_P(Network, BadNetwork,
                         testing::Values("", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1",
                                         "10.0.0.0/8x", "10.0.0.0/8/8", "10.0.0.0/ 8", "10.0.0/8",
                                         "fd00::/129", "fd00::/x", "example.com/8", "10.0.0.0 /8"));

TEST(Network, SaysWhichPrefixLengthsThereAre) {
  EXPECT_EQ(parse_network("10.0.0.0/33").error().message,
            "10.0.0.0/33 has no prefix length between 0 and 32");
  EXPECT_EQ(parse_network("fd00::/129").error().message,
            "fd00::/129 has no prefix length between 0 and 128");
}

}  // namespace
}  // namespace firstbyte
