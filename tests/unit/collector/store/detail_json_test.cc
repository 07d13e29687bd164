#include "collector/store/detail_json.h"

#include <gmock/gmock.h>

#include "tests/unit/collector/store/store_fixture.h"

namespace firstbyte::collector::store_test {
namespace {

TEST(DetailJson, IsThisText) {
  Measurement m;
  m.headers = {{"via", "a"}, {"via", "b"}};
  m.dns = DnsAnswer{
      "192.0.2.53:53", {{"203.0.113.7", std::chrono::seconds{30}}}, {"edge.example"}, false};
  m.tls = TlsFacts{"TLSv1.3", "AES", "CN=a", "CN=b", at(5), true};
  m.tcp = TcpConnection{Micros{9}, Micros{8}, 1, "bbr"};
  m.body_bytes = 3;
  m.failure = Failure{Phase::kTls, Origin::kTarget, Cause::kAlert, "", 40};
  m.self_check = {{}, false, true, ControlCheck{"https://c/", at(7), Micros{8}, {}}};
  EXPECT_EQ(detail_to_json(m),
            R"({"headers":[["via","a"],["via","b"]],"headers_truncated":false,)"
            R"("body_bytes":3,"body_truncated":false,)"
            R"("dns":{"resolver":"192.0.2.53:53","addresses":[{"address":"203.0.113.7",)"
            R"("ttl_s":30}],"cnames":["edge.example"],"over_tcp":false},)"
            R"("tls":{"version":"TLSv1.3","cipher":"AES","subject":"CN=a","issuer":"CN=b",)"
            R"("not_after_us":5,"resumed":true},)"
            R"("tcp":{"rtt_us":9,"min_rtt_us":8,"retransmits":1,"congestion_control":"bbr"},)"
            R"("tls_alert":40,"clock_stepped":true,)"
            R"("control":{"url":"https://c/","measured_at_us":7,"ttfb_us":8,"cause":null},)"
            R"("redirects":[],"samples":[]})");
}

TEST(DetailJson, WhatDidNotHappenIsNull) {
  EXPECT_EQ(detail_to_json({}),
            R"({"headers":[],"headers_truncated":false,"body_bytes":null,"body_truncated":false,)"
            R"("dns":null,"tls":null,"tcp":null,"tls_alert":null,"clock_stepped":false,)"
            R"("control":null,"redirects":[],"samples":[]})");
}

TEST(DetailJson, APartSaysAlsoWhatAResultHasColumnsFor) {
  Measurement m;
  Measurement& hop = m.redirects.emplace_back();
  hop.test_id = "t1";
  hop.url = "http://a/";
  hop.measured_at = at(3);
  hop.timings =
      Timings::make({std::nullopt, Span{Micros{1}, Micros{5}, Micros{2}, Span::Clock::kKernel},
                     std::nullopt, std::nullopt, std::nullopt},
                    Micros{6})
          .value();
  hop.status = 301;
  hop.http_version = "1.1";
  hop.remote = Endpoint{"192.0.2.1", 80};
  hop.failure = Failure{Phase::kWait, Origin::kTarget, Cause::kBadRedirect, "no"};
  hop.family = Family::kIpv4;
  hop.self_check.emplace();
  const std::string text = detail_to_json(m);
  EXPECT_THAT(
      text,
      testing::HasSubstr(
          R"("test_id":"t1","url":"http://a/","measured_at_us":3,"total_us":6,)"
          R"("phases":{"connect":{"begin_us":1,"end_us":5,"own_us":2,"by_kernel":true}},)"
          R"("status":301,"http_version":"1.1","remote":{"ip":"192.0.2.1","port":80},"local":null,)"
          R"("failure":{"phase":"wait","origin":"target","cause":"bad_redirect","message":"no"},)"
          R"("family":"ipv4","reuse":"cold","loop_lag_us":0,"overloaded":false)"));
}

// Stored before agents told of bodies, samples and themselves.
TEST(DetailJson, ReadsWhatWasStoredBeforeItsNewerMembers) {
  Measurement m;
  ASSERT_TRUE(detail_from_json(
      R"({"headers":[["via","a"]],"headers_truncated":true,)"
      R"("dns":{"resolver":"r","addresses":[],"cnames":[]},)"
      R"("tls":{"version":"v","cipher":"c","subject":"s","issuer":"i","not_after_us":null}})",
      m));
  Measurement expected;
  expected.headers = {{"via", "a"}};
  expected.headers_truncated = true;
  expected.dns = DnsAnswer{"r", {}, {}};
  expected.tls = TlsFacts{"v", "c", "s", "i", {}};
  EXPECT_EQ(m, expected);
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

TEST(DetailJson, APartWithoutASelfCheckStaysWithoutOne) {
  Measurement written;
  written.redirects.resize(1);
  written.samples.resize(2);
  written.samples[1].self_check.emplace().clock_stepped = true;
  written.samples[1].body_bytes = 0;
  Measurement read;
  ASSERT_TRUE(detail_from_json(detail_to_json(written), read));
  EXPECT_EQ(read, written);
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
        R"({"headers":[],"headers_truncated":false,"dns":null,"tls":{"version":1}})",
        R"({"headers":[],"headers_truncated":false,"dns":null,"tls":null,"body_bytes":-1})",
        R"({"headers":[],"headers_truncated":false,"dns":null,"tls":null,"samples":7})",
        R"({"headers":[],"headers_truncated":false,"dns":null,"tls":null,"samples":[{}]})",
        R"({"headers":[],"headers_truncated":false,"dns":null,"tls":null,"control":{"url":1}})"}) {
    Measurement m;
    EXPECT_FALSE(detail_from_json(text, m)) << text;
  }
}

}  // namespace
}  // namespace firstbyte::collector::store_test
