#include "collector/store/detail_json.h"

#include <gmock/gmock.h>

#include "tests/unit/collector/store/store_fixture.h"

namespace firstbyte::collector::store_test {
namespace {

TEST(DetailJson, IsThisText) {
  Measurement m;
  m.headers = {{"via", "a"}, {"via", "b"}};
  m.dns = DnsAnswer{"192.0.2.53:53", {{"203.0.113.7", std::chrono::seconds{30}}}, {"edge.example"}};
  m.tls = TlsFacts{"TLSv1.3", "AES", "CN=a", "CN=b", at(5)};
  m.tcp = TcpConnection{Micros{9}, Micros{8}, 1, "bbr"};
  EXPECT_EQ(detail_to_json(m),
            R"({"headers":[["via","a"],["via","b"]],"headers_truncated":false,)"
            R"("dns":{"resolver":"192.0.2.53:53","addresses":[{"address":"203.0.113.7",)"
            R"("ttl_s":30}],"cnames":["edge.example"]},)"
            R"("tls":{"version":"TLSv1.3","cipher":"AES","subject":"CN=a","issuer":"CN=b",)"
            R"("not_after_us":5},)"
            R"("tcp":{"rtt_us":9,"min_rtt_us":8,"retransmits":1,"congestion_control":"bbr"}})");
}

TEST(DetailJson, WhatDidNotHappenIsNull) {
  EXPECT_EQ(detail_to_json({}),
            R"({"headers":[],"headers_truncated":false,"dns":null,"tls":null,"tcp":null})");
}

TEST(DetailJson, ReadsBackWhatItWrote) {
  const Measurement written = finished("t1").measurement;
  Measurement read;
  ASSERT_TRUE(detail_from_json(detail_to_json(written), read));
  EXPECT_EQ(read.headers, written.headers);
  EXPECT_EQ(read.headers_truncated, written.headers_truncated);
  EXPECT_EQ(read.dns, written.dns);
  EXPECT_EQ(read.tls, written.tls);
  EXPECT_EQ(read.tcp, written.tcp);
}

TEST(DetailJson, TextThatIsNotJsonIsAnError) {
  Measurement m;
  EXPECT_FALSE(detail_from_json("{", m));
}

TEST(DetailJson, JsonOfAnotherShapeIsAnError) {
  for (const char* text :
       {"[]", "{}", R"({"headers":[["a"]],"headers_truncated":false,"dns":null,"tls":null})",
        R"({"headers":[],"headers_truncated":0,"dns":null,"tls":null})",
        R"({"headers":[],"headers_truncated":false,"dns":[],"tls":null})",
        R"({"headers":[],"headers_truncated":false,"dns":null,"tls":{"version":1}})"}) {
    Measurement m;
    EXPECT_FALSE(detail_from_json(text, m)) << text;
  }
}

}  // namespace
}  // namespace firstbyte::collector::store_test
