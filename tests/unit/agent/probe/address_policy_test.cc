#include "agent/probe/address_policy.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <map>

namespace firstbyte::agent {
namespace {

AddressPolicy allowing(std::string_view network) {
  return AddressPolicy({parse_network(network).value()});
}

class PublicAddress : public testing::TestWithParam<const char*> {};

TEST_P(PublicAddress, MayBeProbed) { EXPECT_TRUE(AddressPolicy().allows(GetParam())); }

INSTANTIATE_TEST_SUITE_P(
    AddressPolicy, PublicAddress,
    testing::Values("1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255",
                    "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0",
                    "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255", "192.169.0.0",
                    "198.17.255.255", "198.20.0.0", "223.255.255.255", "2001:200::1",
                    "2606:4700:4700::1111", "2a00:1450::1", "2000::1", "3ffe::1"));

// Each special-purpose network by its first and its last address where there is a point to it.
class SpecialAddress : public testing::TestWithParam<const char*> {};

TEST_P(SpecialAddress, MayNotBeProbed) { EXPECT_FALSE(AddressPolicy().allows(GetParam())); }

INSTANTIATE_TEST_SUITE_P(This, SpecialAddress,
                         testing::Values("0.0.0.0", "0.255.255.255", "::", "127.0.0.1",
                                         "127.255.255.255", "::1"));
INSTANTIATE_TEST_SUITE_P(Private, SpecialAddress,
                         testing::Values("10.0.0.0", "10.255.255.255", "172.16.0.0",
                                         "172.31.255.255", "192.168.0.0", "192.168.255.255",
                                         "fc00::1", "fdff::1"));
INSTANTIATE_TEST_SUITE_P(CarrierGradeNat, SpecialAddress,
                         testing::Values("100.64.0.0", "100.127.255.255"));
INSTANTIATE_TEST_SUITE_P(LinkLocal, SpecialAddress,
                         testing::Values("169.254.0.1", "fe80::1", "febf::1", "fec0::1"));
INSTANTIATE_TEST_SUITE_P(CloudMetadata, SpecialAddress,
                         testing::Values("169.254.169.254", "fd00:ec2::254"));
INSTANTIATE_TEST_SUITE_P(Documentation, SpecialAddress,
                         testing::Values("192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1",
                                         "3fff::1"));
INSTANTIATE_TEST_SUITE_P(Reserved, SpecialAddress,
                         testing::Values("192.0.0.1", "192.88.99.1", "198.18.0.1", "198.19.255.255",
                                         "240.0.0.1", "255.255.255.255", "100::1", "5f00::1"));
// Regression: what no list names was dialled, of IPv6 as well, where most is given to nobody.
INSTANTIATE_TEST_SUITE_P(NoGlobalUnicast, SpecialAddress,
                         testing::Values("::ffff:0:127.0.0.1", "200::1", "1fff:ffff::1", "4000::1",
                                         "64:ff9b:2::1", "fe00::1", "100:0:0:1::1"));
INSTANTIATE_TEST_SUITE_P(Multicast, SpecialAddress,
                         testing::Values("224.0.0.1", "239.255.255.255", "ff02::1"));
INSTANTIATE_TEST_SUITE_P(V4Mapped, SpecialAddress,
                         testing::Values("::ffff:127.0.0.1", "::ffff:10.1.2.3",
                                         "::ffff:169.254.169.254", "::ffff:7f00:1",
                                         "::ffff:8.8.8.8"));
INSTANTIATE_TEST_SUITE_P(V4Compatible, SpecialAddress,
                         testing::Values("::127.0.0.1", "::10.0.0.1"));
INSTANTIATE_TEST_SUITE_P(Nat64, SpecialAddress,
                         testing::Values("64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1",
                                         "64:ff9b:1::1"));
INSTANTIATE_TEST_SUITE_P(SixToFour, SpecialAddress,
                         testing::Values("2002:7f00:1::", "2002:a00:1::1"));
INSTANTIATE_TEST_SUITE_P(Teredo, SpecialAddress, testing::Values("2001::1", "2001:0:4136:e378::1"));
INSTANTIATE_TEST_SUITE_P(NoAddress, SpecialAddress,
                         testing::Values("", "example.com", "127.1", "0x7f000001"));

// Regression: the sentence ended after the address, and nobody knew what to do about it.
TEST(AddressPolicy, SaysWhyAnAddressMayNotBeProbedAndWhatWouldAllowIt) {
  EXPECT_EQ(AddressPolicy().refusal_of("10.0.0.1"),
            "this agent may not probe 10.0.0.1: it is a private address; the agent's "
            "--allow-network 10.0.0.0/8 would allow it");
}

TEST(AddressPolicy, SaysOfWhichKindAnAddressIs) {
  for (const auto& [address, kind] : std::map<std::string, std::string>{
           {"0.0.0.0", "an address of this host itself"},
           {"::", "an address of this host itself"},
           {"127.1.2.3", "a loopback address"},
           {"::1", "a loopback address"},
           {"192.168.1.1", "a private address"},
           {"fd00:ec2::254", "a private address"},
           {"::ffff:10.1.2.3", "an IPv4-mapped address"},
           {"::ffff:8.8.8.8", "an IPv4-mapped address"},
           {"100.64.0.1", "an address behind a carrier's NAT"},
           {"169.254.169.254", "a link-local address"},
           {"fe80::1", "a link-local address"},
           {"203.0.113.80", "an address for documentation"},
           {"2001:db8::1", "an address for documentation"},
           {"198.18.0.1", "an address for benchmarks"},
           {"255.255.255.255", "a reserved address"},
           {"2001::1", "a reserved address"},
           {"4000::1", "a reserved address"},
           {"64:ff9b::10.0.0.1", "a NAT64 address"},
           {"2002:7f00:1::", "a 6to4 address"},
           {"ff02::1", "a multicast address"},
       }) {
    EXPECT_NE(AddressPolicy().refusal_of(address).find(": it is " + kind + ";"), std::string::npos)
        << AddressPolicy().refusal_of(address);
  }
}

// What the sentence promises.
TEST_P(SpecialAddress, MayBeProbedOnceTheNetworkOfTheSentenceIsAllowed) {
  const std::string sentence = AddressPolicy().refusal_of(GetParam());
  constexpr std::string_view kFlag = "--allow-network ";
  const auto at = sentence.find(kFlag);
  if (at == std::string::npos) {
    EXPECT_FALSE(parse_address(GetParam())) << sentence;
    return;
  }
  const std::string rest = sentence.substr(at + kFlag.size());
  EXPECT_TRUE(allowing(rest.substr(0, rest.find(' '))).allows(GetParam())) << sentence;
}

TEST(AddressPolicy, AllowsTheNetworkThatTheOperatorNamed) {
  const AddressPolicy policy = allowing("10.20.0.0/16");
  EXPECT_TRUE(policy.allows("10.20.255.255"));
  EXPECT_FALSE(policy.allows("10.21.0.0"));
  EXPECT_FALSE(policy.allows("192.168.0.1"));
}

TEST(AddressPolicy, AllowsPublicAddressesBesidesTheNetworkThatTheOperatorNamed) {
  EXPECT_TRUE(allowing("10.20.0.0/16").allows("1.1.1.1"));
}

TEST(AddressPolicy, AllowsAMappedAddressOnlyByItsOwnForm) {
  EXPECT_FALSE(allowing("127.0.0.0/8").allows("::ffff:127.0.0.1"));
  EXPECT_TRUE(allowing("::ffff:127.0.0.0/104").allows("::ffff:127.0.0.1"));
  EXPECT_FALSE(allowing("::ffff:127.0.0.0/104").allows("127.0.0.1"));
}

TEST(AddressPolicy, AllowsASingleAddress) {
  const AddressPolicy policy = allowing("fd00::5");
  EXPECT_TRUE(policy.allows("fd00::5"));
  EXPECT_FALSE(policy.allows("fd00::6"));
}

TEST(AddressPolicy, AllowsEachOfSeveralNetworks) {
  const AddressPolicy policy(
      {parse_network("10.0.0.0/8").value(), parse_network("fd00::/8").value()});
  EXPECT_TRUE(policy.allows("10.1.1.1"));
  EXPECT_TRUE(policy.allows("fd12::1"));
  EXPECT_FALSE(policy.allows("fe80::1"));
}

TEST(AddressPolicy, AllowsAllOfIpv4AndNothingElseForZeroBits) {
  const AddressPolicy policy = allowing("0.0.0.0/0");
  EXPECT_TRUE(policy.allows("127.0.0.1"));
  EXPECT_FALSE(policy.allows("::1"));
}

TEST(AddressPolicy, JudgesASocketsAddressAsItJudgesText) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  inet_pton(AF_INET, "169.254.169.254", &v4.sin_addr);
  EXPECT_FALSE(AddressPolicy().allows(reinterpret_cast<const sockaddr*>(&v4)));
  inet_pton(AF_INET, "1.1.1.1", &v4.sin_addr);
  EXPECT_TRUE(AddressPolicy().allows(reinterpret_cast<const sockaddr*>(&v4)));

  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  inet_pton(AF_INET6, "::ffff:127.0.0.1", &v6.sin6_addr);
  EXPECT_FALSE(AddressPolicy().allows(reinterpret_cast<const sockaddr*>(&v6)));
  inet_pton(AF_INET6, "2606:4700:4700::1111", &v6.sin6_addr);
  EXPECT_TRUE(AddressPolicy().allows(reinterpret_cast<const sockaddr*>(&v6)));
}

TEST(AddressPolicy, AllowsNoOtherKindOfSocket) {
  sockaddr address{};
  address.sa_family = AF_UNIX;
  EXPECT_FALSE(AddressPolicy().allows(&address));
}

// -------------------------------------------------------------------------------------------------
// this host's own addresses

OwnAddresses own(std::vector<std::string> texts) {
  return OwnAddresses(system_clock(), [texts = std::move(texts)] {
    std::vector<IpAddress> addresses;
    for (const std::string& text : texts) addresses.push_back(parse_address(text).value());
    return std::optional(addresses);
  });
}

TEST(AddressPolicy, RefusesPublicAddressesOfThisHost) {
  const AddressPolicy policy({}, {}, own({"8.8.8.8", "2a00:1450::8"}));
  EXPECT_FALSE(policy.allows("8.8.8.8"));
  EXPECT_FALSE(policy.allows("2a00:1450::8"));
  EXPECT_TRUE(policy.allows("8.8.4.4"));
  EXPECT_EQ(policy.refusal_of("2a00:1450:0::8"),
            "this agent may not probe 2a00:1450:0::8: it is an address of this host itself; the "
            "agent's --allow-network 2a00:1450::8 would allow it");
}

TEST(AddressPolicy, RefusesEveryAddressWhileThoseOfThisHostAreUnknown) {
  const AddressPolicy policy({parse_network("10.0.0.0/8").value()}, {},
                             OwnAddresses(system_clock(), [] { return std::nullopt; }));
  EXPECT_FALSE(policy.allows("8.8.8.8"));
  EXPECT_EQ(policy.refusal_of("8.8.8.8"),
            "this agent may not probe 8.8.8.8: it is perhaps an address of this host itself, whose "
            "interfaces could not be read; the agent's --allow-network 8.8.8.8 would allow it");
  EXPECT_TRUE(policy.allows("10.0.0.1"));
}

TEST(AddressPolicy, AllowsAnAddressOfThisHostThatTheOperatorNamed) {
  const AddressPolicy policy({parse_network("8.8.8.8").value()}, {}, own({"8.8.8.8"}));
  EXPECT_TRUE(policy.allows("8.8.8.8"));
}

// -------------------------------------------------------------------------------------------------
// ports

TEST(AddressPolicy, AllowsThePortsOfWebServers) {
  for (const std::uint16_t port : {80, 443, 8080, 8443}) {
    EXPECT_TRUE(AddressPolicy().allows_port(port)) << port;
  }
  for (const std::uint16_t port : {0, 1, 22, 25, 53, 79, 81, 444, 6379, 8081, 65535}) {
    EXPECT_FALSE(AddressPolicy().allows_port(port)) << port;
  }
}

TEST(AddressPolicy, AllowsThePortsThatTheOperatorNamedAsWell) {
  AddressPolicy::Ports ports;
  ports.add(8081);
  const AddressPolicy policy({}, ports);
  EXPECT_TRUE(policy.allows_port(8081));
  EXPECT_TRUE(policy.allows_port(443));
  EXPECT_FALSE(policy.allows_port(8082));
}

TEST(AddressPolicy, MayAllowAnyPort) {
  EXPECT_TRUE(AddressPolicy({}, AddressPolicy::Ports::any()).allows_port(22));
}

TEST(AddressPolicy, SaysWhatWouldAllowAPort) {
  EXPECT_EQ(AddressPolicy().refusal_of_port(22),
            "this agent may not probe port 22; the agent's --allow-port 22 would allow it");
}

TEST(AddressPolicy, LetsATargetAskOnlyAResolverThatMayBeProbed) {
  const AddressPolicy policy;
  EXPECT_TRUE(policy.allows_resolver("9.9.9.9", 53));
  EXPECT_TRUE(policy.allows_resolver("2620:fe::fe", 53));
  EXPECT_FALSE(policy.allows_resolver("9.9.9.9", 123));
  EXPECT_FALSE(policy.allows_resolver("127.0.0.53", 53));
  EXPECT_FALSE(policy.allows_resolver("dns.example", 53));
  EXPECT_EQ(policy.refusal_of_resolver("9.9.9.9", 123),
            "the target's resolver: this agent may not probe port 123; the agent's --allow-port "
            "123 would allow it");
  EXPECT_EQ(policy.refusal_of_resolver("127.0.0.53", 53),
            "the target's resolver: this agent may not probe 127.0.0.53: it is a loopback address; "
            "the agent's --allow-network 127.0.0.0/8 would allow it");
}

}  // namespace
}  // namespace firstbyte::agent
