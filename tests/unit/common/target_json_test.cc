#include "common/target_json.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace firstbyte {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

// A target with these members beside its URL.
Expected<Target> parse(std::string_view members) {
  const std::string text =
      fmt::format(R"({{"url": "https://a.example/"{}{}}})", members.empty() ? "" : ", ", members);
  return parse_target(json::parse(text).as_object());
}

Target accepted(std::string_view members) {
  const Expected<Target> target = parse(members);
  EXPECT_TRUE(target) << members << ": " << target.error().message;
  return target.value_or(Target{});
}

// The field at fault and the sentence, as "/url: ...".
std::string refused(std::string_view members) {
  const Expected<Target> target = parse(members);
  EXPECT_FALSE(target) << members;
  if (target) return {};
  EXPECT_EQ(target.error().kind, Error::Kind::kInvalid);
  return target.error().field + ": " + target.error().message;
}

// With every member said.
Target full_target() {
  Target target{.url = "https://a.example/x"};
  target.method = Method::kPost;
  target.headers = {{"Accept", "text/html"}, {"x-two", "1"}, {"x-two", "2"}};
  target.body = std::string("a\0é\n", 5);
  target.http_version = HttpVersion::k1_1;
  target.family = Family::kIpv6;
  target.connect_to = Endpoint{"2001:db8::1", 8443};
  target.resolver = Endpoint{"192.0.2.53", 0};
  target.max_redirects = 10;
  target.reuse = Reuse::kWarm;
  target.samples = 10;
  target.timeout = 60s;
  for (std::size_t i = 0; i < kPhaseCount; ++i) {
    target.phase_limits[i] = std::chrono::milliseconds{i + 1};
  }
  target.expect = {StatusRange{200, 299}, {{"age", {}}, {"x-edge-route", "ny1"}}, 14, 400ms};
  return target;
}

TEST(TargetJson, IsThisText) {
  EXPECT_EQ(json::serialize(target_value(full_target())),
            R"({"url":"https://a.example/x","method":"POST",)"
            R"("request_headers":[["Accept","text/html"],["x-two","1"],["x-two","2"]],)"
            "\"body\":\"a\\u0000é\\n\","
            R"("http_version":"1.1","family":"ipv6","connect_to":"[2001:db8::1]:8443",)"
            R"("resolver":"192.0.2.53","max_redirects":10,"reuse":"warm","samples":10,)"
            R"("timeout_ms":60000,)"
            R"("limits_ms":{"dns":1,"connect":2,"tls":3,"wait":4,"transfer":5},)"
            R"("expect":{"status":[200,299],"headers":{"age":null,"x-edge-route":"ny1"},)"
            R"("certificate_days":14,"ttfb_ms":400}})");
}

TEST(TargetJson, WhatIsNotAskedForIsNull) {
  EXPECT_EQ(json::serialize(target_value({.url = "http://a/"})),
            R"({"url":"http://a/","method":"GET","request_headers":[],"body":null,)"
            R"("http_version":"auto","family":"any","connect_to":null,"resolver":null,)"
            R"("max_redirects":0,"reuse":"cold","samples":1,"timeout_ms":10000,)"
            R"("limits_ms":{"dns":null,"connect":null,"tls":null,"wait":null,"transfer":null},)"
            R"("expect":{"status":null,"headers":{},"certificate_days":null,"ttfb_ms":null}})");
}

TEST(TargetJson, ReadsBackWhatItWrote) {
  for (const Target& target : {full_target(), Target{.url = "http://a/"}}) {
    const auto read = parse_target(target_value(target));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, target);
  }
}

// Regression: a rule for URLs that became stricter made tests that were stored before unreadable.
TEST(TargetJson, ReadsAStoredTargetWhateverMayBeAskedForToday) {
  for (const char* text :
       {R"({"url":"http://127.1/"})", R"({"url":"http://19.2.1/","family":"ipv6"})",
        R"({"url":"https://192.0.2.1/","family":"ipv6","body":"x","timeout_ms":60000})"}) {
    const json::object stored = json::parse(text).as_object();
    EXPECT_FALSE(parse_target(stored)) << text;
    const auto read = parse_stored_target(stored);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->url, stored.at("url").as_string());
    EXPECT_EQ(parse_stored_target(target_value(*read)), *read);
  }
}

TEST(TargetJson, BoundsAStoredTarget) {
  const auto error = [](const json::object& object) { return parse_stored_target(object).error(); };
  EXPECT_EQ(error({}).message, "the URL is missing");
  EXPECT_EQ(error({{"url", ""}}).message, "the URL must have 1 to 2048 characters");
  EXPECT_EQ(error({{"url", std::string(2049, 'a')}}).field, "/url");
  EXPECT_EQ(error({{"url", "http://a/"}, {"samples", 11}}).field, "/samples");
}

TEST(TargetJson, NeedsNothingButAUrl) {
  EXPECT_EQ(accepted(""), Target{.url = "https://a.example/"});
  EXPECT_EQ(parse_target({}).error().message, "the URL is missing");
}

TEST(TargetJson, TakesTheVersionsThatNeedTlsForHttpsOnly) {
  for (const HttpVersion version : kHttpVersions) {
    const Expected<Target> target = parse_target(
        {{"url", "http://a.example/"}, {"http_version", std::string(to_string(version))}});
    if (!needs_tls(version)) {
      EXPECT_TRUE(target) << to_string(version);
      continue;
    }
    ASSERT_FALSE(target) << to_string(version);
    EXPECT_EQ(target.error().field, "/http_version");
    EXPECT_EQ(target.error().message,
              fmt::format("HTTP/{} is asked over TLS only, of an https URL", to_string(version)));
  }
}

TEST(TargetJson, ReadsEveryWord) {
  for (const Method method : kMethods) {
    EXPECT_EQ(accepted(fmt::format(R"("method": "{}")", to_string(method))).method, method);
  }
  for (const HttpVersion version : kHttpVersions) {
    EXPECT_EQ(accepted(fmt::format(R"("http_version": "{}")", to_string(version))).http_version,
              version);
  }
  for (const Family family : kFamilies) {
    EXPECT_EQ(accepted(fmt::format(R"("family": "{}")", to_string(family))).family, family);
  }
  for (const Reuse reuse : kReuses) {
    EXPECT_EQ(accepted(fmt::format(R"("samples": 2, "reuse": "{}")", to_string(reuse))).reuse,
              reuse);
  }
}

TEST(TargetJson, RefusesAnotherWordAndNamesThoseThereAre) {
  EXPECT_EQ(refused(R"("method": "get")"), "/method: the method must be one of GET, HEAD, POST");
  EXPECT_EQ(refused(R"("http_version": 2)"),
            "/http_version: the HTTP version must be one of auto, 1.1, 2, 3");
  EXPECT_EQ(refused(R"("family": "inet6")"),
            "/family: the address family must be one of any, ipv4, ipv6, both");
  EXPECT_EQ(refused(R"("reuse": null)"), "/reuse: the reuse must be one of cold, resumed, warm");
}

TEST(TargetJson, RefusesAFieldThatIsNotThereAtEveryLevel) {
  EXPECT_EQ(refused(R"("headers": [])"), "/headers: there is no such field");
  EXPECT_EQ(refused(R"("expect": {"body": "x"})"), "/expect/body: there is no such field");
  EXPECT_EQ(refused(R"("limits_ms": {"total": 1})"), "/limits_ms/total: there is no such phase");
  EXPECT_EQ(refused(R"("a/b~c": 1)"), "/a~1b~0c: there is no such field");
}

TEST(TargetJson, RefusesNumbersOutOfTheirRange) {
  EXPECT_EQ(refused(R"("samples": 0)"),
            "/samples: the number of samples must be a whole number from 1 to 10");
  EXPECT_EQ(refused(R"("samples": 11)"),
            "/samples: the number of samples must be a whole number from 1 to 10");
  EXPECT_EQ(refused(R"("max_redirects": 11)"),
            "/max_redirects: the most redirects must be a whole number from 0 to 10");
  EXPECT_EQ(refused(R"("max_redirects": "3")"),
            "/max_redirects: the most redirects must be a whole number from 0 to 10");
  EXPECT_EQ(refused(R"("timeout_ms": 99)"),
            "/timeout_ms: the timeout must be a whole number from 100 to 60000");
  EXPECT_EQ(refused(R"("limits_ms": {"tls": 0})"),
            "/limits_ms/tls: the limit of a phase in milliseconds must be a whole number from 1 to "
            "60000");
  EXPECT_EQ(refused(R"("limits_ms": {"tls": 60001})").substr(0, 15), "/limits_ms/tls:");
  EXPECT_EQ(refused(R"("limits_ms": [])"), "/limits_ms: the limits must be an object of phases");
}

TEST(TargetJson, OnlySeveralSamplesMayTakeAMinute) {
  const std::string sentence =
      "/timeout_ms: the timeout of a single sample must be a whole number from 100 to 30000";
  EXPECT_EQ(refused(R"("timeout_ms": 30001)"), sentence);
  EXPECT_EQ(accepted(R"("timeout_ms": 30000)").timeout, 30s);
  EXPECT_EQ(accepted(R"("timeout_ms": 60000, "samples": 2)").timeout, 60s);
  EXPECT_EQ(accepted(R"("timeout_ms": 60000, "family": "both")").timeout, 60s);
}

TEST(TargetJson, TakesASingleSampleThatIsWarm) {
  EXPECT_EQ(accepted(R"("reuse": "warm")").reuse, Reuse::kWarm);
}

// ---- the request

TEST(TargetJson, RefusesRequestHeadersAndNamesTheirPlace) {
  EXPECT_EQ(refused(R"("request_headers": {})"),
            "/request_headers: the request headers must be a list of [name, value]");
  for (const char* header : {"7", "[]", R"(["a"])", R"(["a", 1])", R"(["a", "b", "c"])"}) {
    EXPECT_EQ(refused(fmt::format(R"("request_headers": [["a", "b"], {}])", header)),
              "/request_headers/1: a request header must be [name, value], both strings");
  }
  EXPECT_EQ(refused(R"("request_headers": [["Host", "b"]])"),
            "/request_headers/0: the header Host is the agent's own to send");
  EXPECT_EQ(refused(R"("request_headers": [["a", "b\r\nc: d"]])"),
            "/request_headers/0: the value of the header a has a control character");
}

TEST(TargetJson, BoundsTheRequestHeaders) {
  std::string headers = R"(["a", "b"])";
  for (std::size_t i = 1; i < kMaxRequestHeaders; ++i) headers += R"(, ["a", "b"])";
  EXPECT_EQ(accepted(fmt::format(R"("request_headers": [{}])", headers)).headers.size(),
            kMaxRequestHeaders);
  EXPECT_EQ(refused(fmt::format(R"("request_headers": [{}, ["a", "b"]])", headers)),
            "/request_headers: there are more than 32 request headers");

  const std::string most(kMaxRequestHeaderBytes - 1, 'v');
  accepted(fmt::format(R"("request_headers": [["a", "{}"]])", most));
  EXPECT_EQ(refused(fmt::format(R"("request_headers": [["a", "{}v"]])", most)),
            "/request_headers: the request headers are larger than 8192 bytes together");
}

// What was taken is read again once its secrets are replaced, which may be longer than they were.
TEST(TargetJson, ATargetThatWasTakenIsStillTakenWhenRedacted) {
  Target target{.url = "http://a/"};
  target.headers = {{"cookie", "x"}};
  const auto taken = [&](std::size_t size) {
    target.headers.resize(1);
    target.headers.emplace_back("a", std::string(size, 'v'));
    return parse_target(target_value(target)).has_value();
  };
  std::size_t size = kMaxRequestHeaderBytes;
  while (!taken(size)) --size;
  EXPECT_TRUE(parse_target(target_value(redacted(target))));
}

TEST(TargetJson, OnlyAPostHasABody) {
  EXPECT_EQ(accepted(R"("method": "POST", "body": "x")").body, "x");
  EXPECT_EQ(accepted(R"("method": "POST")").body, "");
  EXPECT_EQ(refused(R"("body": "x")"), "/body: only a POST has a body");
  EXPECT_EQ(refused(R"("method": "HEAD", "body": "x")"), "/body: only a POST has a body");
  EXPECT_EQ(refused(R"("method": "POST", "body": {})"), "/body: the body must be a string");
  EXPECT_EQ(refused(fmt::format(R"("method": "POST", "body": "{}")", std::string(8193, 'x'))),
            "/body: the body is larger than 8192 bytes");
}

// ---- where it goes

TEST(TargetJson, RefusesAnEndpointThatIsNone) {
  EXPECT_EQ(refused(R"("connect_to": "a.example:443")"),
            "/connect_to: the address to connect to must be \"IP\" or \"IP:PORT\", an IPv6 address "
            "before a port in brackets");
  EXPECT_EQ(refused(R"("resolver": 53)").substr(0, 28), "/resolver: the resolver must");
}

TEST(TargetJson, RefusesAFamilyThatAGivenAddressDoesNotHave) {
  EXPECT_EQ(refused(R"("family": "ipv6", "connect_to": "192.0.2.1")"),
            "/family: the address 192.0.2.1 is ipv4, not ipv6");
  EXPECT_EQ(refused(R"("family": "both", "connect_to": "[2001:db8::1]:443")"),
            "/family: the address 2001:db8::1 is ipv6, not both");
  EXPECT_EQ(refused(R"("family": "ipv6", "url": "http://192.0.2.1/")"),
            "/family: the address 192.0.2.1 is ipv4, not ipv6");
  accepted(R"("family": "ipv6", "url": "http://[2001:db8::1]/")");
  accepted(R"("family": "ipv6", "url": "http://192.0.2.1/", "connect_to": "2001:db8::1")");
  accepted(R"("url": "http://192.0.2.1/")");
}

// ---- what is expected

TEST(TargetJson, AStatusIsExpectedAloneOrFromARange) {
  EXPECT_EQ(accepted(R"("expect": {"status": 204})").expect.status, (StatusRange{204, 204}));
  EXPECT_EQ(accepted(R"("expect": {"status": [200, 399]})").expect.status, (StatusRange{200, 399}));
  EXPECT_EQ(target_value(accepted(R"("expect": {"status": [204, 204]})")).at("expect").at("status"),
            204);
}

TEST(TargetJson, RefusesAStatusThatCannotCome) {
  for (const char* status : {"99", "600", "\"200\"", "[200, 600]", "[null, 200]"}) {
    EXPECT_EQ(refused(fmt::format(R"("expect": {{"status": {}}})", status)),
              "/expect/status: an expected status must be a whole number from 100 to 599");
  }
  EXPECT_EQ(refused(R"("expect": {"status": [200]})"),
            "/expect/status: the expected status must be a number or [least, most]");
  EXPECT_EQ(refused(R"("expect": {"status": [299, 200]})"),
            "/expect/status: the range of the expected status is upside down");
}

TEST(TargetJson, ExpectedHeadersAreInLowerCase) {
  const auto headers = accepted(R"("expect": {"headers": {"Age": null, "X": "y"}})").expect.headers;
  EXPECT_EQ(headers, (std::vector<ExpectedHeader>{{"age", {}}, {"x", "y"}}));
}

TEST(TargetJson, RefusesExpectedHeadersThatAreNone) {
  EXPECT_EQ(refused(R"("expect": {"headers": []})"),
            "/expect/headers: the expected headers must be an object of names and values");
  EXPECT_EQ(refused(R"("expect": {"headers": {"a b": null}})"),
            "/expect/headers/a b: this is not the name of a header");
  EXPECT_EQ(refused(R"("expect": {"headers": {"a": 1}})"),
            "/expect/headers/a: the value of an expected header must be a string");
  EXPECT_EQ(refused(R"("expect": {"headers": {"a": "x\ny"}})"),
            "/expect/headers/a: the value of an expected header has at most 1024 bytes and no "
            "control character");
  EXPECT_EQ(refused(R"("expect": {"headers": {"a": null, "A": "x"}})"),
            "/expect/headers/A: the header a is expected twice");
}

TEST(TargetJson, RefusesOtherExpectationsThatCannotBe) {
  EXPECT_EQ(refused(R"("expect": [])"), "/expect: what is expected must be an object");
  EXPECT_EQ(
      refused(R"("expect": {"certificate_days": 3651})"),
      "/expect/certificate_days: the certificate's days must be a whole number from 1 to 3650");
  EXPECT_EQ(refused(R"("expect": {"ttfb_ms": 0.5})"),
            "/expect/ttfb_ms: the expected TTFB in milliseconds must be a whole number from 1 to "
            "60000");
}

}  // namespace
}  // namespace firstbyte
