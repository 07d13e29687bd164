#include "collector/api/known_host.h"

#include <gtest/gtest.h>

namespace firstbyte::collector {
namespace {

const std::vector<std::string> kNames{"status.example.net"};

TEST(KnownHost, IsAnyAddress) {
  for (const char* host : {"127.0.0.1", "127.0.0.1:8080", "[::1]", "[::1]:8080", "192.0.2.1"}) {
    EXPECT_TRUE(is_known_host(host, {})) << host;
  }
}

TEST(KnownHost, IsLocalhostWithWhatIsBelowIt) {
  for (const char* host :
       {"localhost", "LocalHost:8080", "localhost.", "a.localhost", "a.b.localhost:1"}) {
    EXPECT_TRUE(is_known_host(host, {})) << host;
  }
}

TEST(KnownHost, IsWhatTheOperatorNames) {
  EXPECT_TRUE(is_known_host("status.example.net", kNames));
  EXPECT_TRUE(is_known_host("Status.Example.NET.:443", kNames));
  EXPECT_FALSE(is_known_host("status.example.net", {}));
}

TEST(KnownHost, IsNothingElse) {
  for (const char* host :
       {"evil.example", "evil.example:8080", "notlocalhost", "localhost.evil.example", ".localhost",
        "127.0.0.1.evil.example", "x.status.example.net", "status.example.net.evil", "", ":80",
        "[::1", "127.0.0.1@evil.example", "localhost, evil.example"}) {
    EXPECT_FALSE(is_known_host(host, kNames)) << host;
  }
}

}  // namespace
}  // namespace firstbyte::collector
