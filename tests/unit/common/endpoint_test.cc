#include "common/endpoint.h"

#include <gtest/gtest.h>

namespace firstbyte {
namespace {

void expect_reads(std::string_view text, const Endpoint& endpoint) {
  EXPECT_EQ(parse_endpoint(text), endpoint) << text;
}

TEST(Endpoint, ReadsAnAddressWithAndWithoutAPort) {
  expect_reads("192.0.2.1", {"192.0.2.1", 0});
  expect_reads("192.0.2.1:53", {"192.0.2.1", 53});
  expect_reads("192.0.2.1:65535", {"192.0.2.1", 65535});
  expect_reads("2001:db8::1", {"2001:db8::1", 0});
  expect_reads("[2001:db8::1]", {"2001:db8::1", 0});
  expect_reads("[2001:db8::1]:853", {"2001:db8::1", 853});
}

TEST(Endpoint, GivesAnAddressItsShortestForm) {
  expect_reads("2001:0DB8:0:0::1", {"2001:db8::1", 0});
}

TEST(Endpoint, RefusesWhatIsNone) {
  for (const char* text : {"",
                           "example.net",
                           "192.0.2",
                           "192.0.2.256",
                           "192.0.2.1:",
                           "192.0.2.1:0",
                           "192.0.2.1:65536",
                           "192.0.2.1:5x",
                           "192.0.2.1:-1",
                           "[192.0.2.1]:53",
                           "[2001:db8::1",
                           "[2001:db8::1]53",
                           "[2001:db8::1]:",
                           "[]",
                           "[",
                           ":53",
                           "::1::2",
                           "fe80::1%eth0",
                           " 192.0.2.1",
                           "192.0.2.1 "}) {
    EXPECT_EQ(parse_endpoint(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_endpoint({"192.0.2.1\0.evil", 15}), std::nullopt);
}

TEST(Endpoint, IsWrittenAsItIsRead) {
  for (const char* text : {"192.0.2.1", "192.0.2.1:53", "2001:db8::1", "[2001:db8::1]:853"}) {
    EXPECT_EQ(to_string(parse_endpoint(text).value()), text);
  }
}

TEST(HostPort, IsANameOrAnAddressAndAPort) {
  for (const char* text : {"a:1", "collector.example:9090", "192.0.2.1:65535", "[2001:db8::1]:1"}) {
    EXPECT_TRUE(is_host_port(text)) << text;
  }
  for (const char* text :
       {"", "a", ":1", "a:", "a:0", "a:65536", "a:1x", "a:-1", "2001:db8::1:1"}) {
    EXPECT_FALSE(is_host_port(text)) << text;
  }
}

TEST(HostPort, IsOnLoopbackOrNot) {
  for (const char* text : {"127.0.0.1:1", "127.255.0.9:1", "[::1]:1", "localhost:1"}) {
    EXPECT_TRUE(is_loopback(text)) << text;
  }
  for (const char* text : {"0.0.0.0:1", "[::]:1", "192.0.2.1:1", "localhost.example:1",
                           "127.0.0.1.example:1", "127.example:1", "128.0.0.1:1", ":1", ""}) {
    EXPECT_FALSE(is_loopback(text)) << text;
  }
}

}  // namespace
}  // namespace firstbyte
