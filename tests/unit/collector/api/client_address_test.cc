#include "collector/api/client_address.h"

#include <gtest/gtest.h>

namespace firstbyte::collector {
namespace {

const std::vector<Network> kProxies{parse_network("10.0.0.0/8").value(),
                                    parse_network("fd00::/8").value()};

std::string client(std::string_view peer, std::string_view forwarded_for,
                   const std::vector<Network>& proxies = kProxies) {
  return to_string(client_address(parse_address(peer).value(), forwarded_for, proxies));
}

TEST(ClientAddress, IsThePeersWithoutProxies) {
  EXPECT_EQ(client("192.0.2.1", "198.51.100.1", {}), "192.0.2.1");
}

TEST(ClientAddress, OfAStrangerIsHisOwnWhateverHeSays) {
  EXPECT_EQ(client("192.0.2.1", "198.51.100.1"), "192.0.2.1");
  EXPECT_EQ(client("192.0.2.1", "10.0.0.1"), "192.0.2.1");
}

TEST(ClientAddress, IsWhatATrustedProxyTells) {
  EXPECT_EQ(client("10.0.0.1", "198.51.100.1"), "198.51.100.1");
  EXPECT_EQ(client("fd00::1", " 2001:db8::1\t"), "2001:db8::1");
}

TEST(ClientAddress, IsTheRightmostThatIsNotTrusted) {
  EXPECT_EQ(client("10.0.0.1", "203.0.113.9, 198.51.100.1, 10.0.0.2"), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", "127.0.0.1, 198.51.100.1"), "198.51.100.1");
}

TEST(ClientAddress, IsTheFirstProxysWhereAllAreTrusted) {
  EXPECT_EQ(client("10.0.0.1", "10.0.0.3,10.0.0.2"), "10.0.0.3");
  EXPECT_EQ(client("10.0.0.1", ""), "10.0.0.1");
}

TEST(ClientAddress, IsNotReadBeyondWhatIsNone) {
  for (const char* garbage :
       {"unknown", "_hidden", "198.51.100", "198.51.100.1 x", "[2001:db8::1", ",", "-", "\"",
        "198.51.100.1, ", "198.51.100.1,,", "0x7f.1", "::1%eth0", "198.51.100.1:99999"}) {
    EXPECT_EQ(client("10.0.0.1", garbage), "10.0.0.1") << garbage;
  }
  EXPECT_EQ(client("10.0.0.1", "198.51.100.1, garbage, 10.0.0.2"), "10.0.0.2");
}

TEST(ClientAddress, MayComeWithAPort) {
  EXPECT_EQ(client("10.0.0.1", "198.51.100.1:4711"), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", "[2001:db8::1]:4711"), "2001:db8::1");
}

TEST(ClientAddress, IsTheSameThroughASocketForBothFamilies) {
  EXPECT_EQ(client("::ffff:192.0.2.1", ""), "192.0.2.1");
  EXPECT_EQ(client("::ffff:10.0.0.1", "::ffff:198.51.100.1"), "198.51.100.1");
}

}  // namespace
}  // namespace firstbyte::collector
