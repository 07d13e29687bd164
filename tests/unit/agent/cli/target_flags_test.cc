#include "common/target_flags.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <vector>

#include "agent/cli/probe_options.h"

namespace firstbyte::agent {
namespace {

using std::chrono::milliseconds;
using Arguments = std::vector<std::string>;

Expected<std::variant<ProbeOptions, Printed>> parse(const Arguments& arguments) {
  std::vector<const char*> argv{"probe"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  argv.push_back("https://a/");
  return parse_probe_options("firstbyte-agent probe", static_cast<int>(argv.size()), argv.data());
}

Target target_of(const Arguments& arguments) {
  const auto parsed = parse(arguments);
  EXPECT_TRUE(parsed) << parsed.error().field << parsed.error().message;
  return parsed ? std::get<ProbeOptions>(*parsed).target : Target{};
}

std::string refusal(const Arguments& arguments) {
  const auto parsed = parse(arguments);
  if (parsed) return "accepted";
  const Error& error = parsed.error();
  return error.field.empty() ? error.message : error.field + ": " + error.message;
}

TEST(TargetFlags, LeaveATargetAsItIs) { EXPECT_EQ(target_of({}), Target{.url = "https://a/"}); }

TEST(TargetFlags, SayHowToAsk) {
  const Target target = target_of({"--method", "HEAD", "--header", "Accept: a, b", "--header",
                                   "X-Empty:", "--http-version", "1.1", "--family", "both",
                                   "--redirects", "3", "--reuse", "warm", "--samples", "10"});
  EXPECT_EQ(target.method, Method::kHead);
  EXPECT_EQ(target.headers, (Headers{{"Accept", "a, b"}, {"X-Empty", ""}}));
  EXPECT_EQ(target.http_version, HttpVersion::k1_1);
  EXPECT_EQ(target.family, Family::kBoth);
  EXPECT_EQ(target.max_redirects, 3);
  EXPECT_EQ(target.reuse, Reuse::kWarm);
  EXPECT_EQ(target.samples, 10);
}

TEST(TargetFlags, TakeABodyForAPost) {
  const Target target = target_of({"--body", "[1, 2]"});
  EXPECT_EQ(target.method, Method::kPost);
  EXPECT_EQ(target.body, "[1, 2]");
  EXPECT_EQ(target_of({"--body", ""}).method, Method::kPost);
  EXPECT_EQ(target_of({"--method", "POST"}).body, "");
}

TEST(TargetFlags, TakeAFamilyInShort) {
  EXPECT_EQ(target_of({"-4"}).family, Family::kIpv4);
  EXPECT_EQ(target_of({"-6"}).family, Family::kIpv6);
  EXPECT_EQ(target_of({"--family", "ipv6"}).family, Family::kIpv6);
}

TEST(TargetFlags, TakeAnAddressWithAndWithoutItsPort) {
  EXPECT_EQ(target_of({"--connect-to", "192.0.2.1"}).connect_to, (Endpoint{"192.0.2.1", 0}));
  EXPECT_EQ(target_of({"--connect-to", "192.0.2.1:8443"}).connect_to,
            (Endpoint{"192.0.2.1", 8443}));
  EXPECT_EQ(target_of({"--connect-to", "[2001:db8::1]:443", "-6"}).connect_to,
            (Endpoint{"2001:db8::1", 443}));
  EXPECT_EQ(target_of({"--connect-to", "2001:db8::1"}).connect_to, (Endpoint{"2001:db8::1", 0}));
}

TEST(TargetFlags, TakeLimits) {
  const Target target =
      target_of({"--timeout", "1500", "--limit", "dns=100", "--limit", "transfer=60000"});
  EXPECT_EQ(target.timeout, milliseconds{1500});
  EXPECT_EQ(target.phase_limits, (std::array<std::optional<Micros>, kPhaseCount>{
                                     milliseconds{100}, std::nullopt, std::nullopt, std::nullopt,
                                     milliseconds{60'000}}));
}

TEST(TargetFlags, TakeExpectations) {
  const Target target =
      target_of({"--expect-status", "200-299", "--expect-header", "X-Cache: hit", "--expect-header",
                 "Server", "--expect-certificate-days", "14", "--expect-ttfb", "250"});
  EXPECT_EQ(target.expect, (Expectations{.status = StatusRange{200, 299},
                                         .headers = {{"x-cache", "hit"}, {"server", std::nullopt}},
                                         .certificate_days = 14,
                                         .ttfb = milliseconds{250}}));
  EXPECT_EQ(target_of({"--expect-status", "404"}).expect.status, (StatusRange{404, 404}));
}

TEST(TargetFlags, GoWithAList) {
  std::vector<const char*> argv{"probe", "--stdin", "--json", "--method", "HEAD"};
  const auto parsed =
      parse_probe_options("firstbyte-agent probe", static_cast<int>(argv.size()), argv.data());
  ASSERT_TRUE(parsed);
  EXPECT_EQ(std::get<ProbeOptions>(*parsed).target, (Target{.url = {}, .method = Method::kHead}));
}

// The URL follows each of them, and is not taken for another one of the kind.
TEST(TargetFlags, ThatAreRepeatableTakeOneValueEach) {
  EXPECT_EQ(target_of({"--header", "a: b"}).url, "https://a/");
  EXPECT_EQ(target_of({"--limit", "dns=1"}).url, "https://a/");
  EXPECT_EQ(target_of({"--expect-header", "a"}).url, "https://a/");
}

struct BadFlag {
  const char* name;
  Arguments arguments;
  std::string sentence;
  friend void PrintTo(const BadFlag& bad, std::ostream* out) { *out << bad.sentence; }
};

class BadTargetFlag : public testing::TestWithParam<BadFlag> {};

TEST_P(BadTargetFlag, IsNamed) { EXPECT_EQ(refusal(GetParam().arguments), GetParam().sentence); }

Arguments many(std::size_t count, const std::string& flag, const std::string& value) {
  Arguments arguments;
  for (std::size_t i = 0; i < count; ++i) arguments.insert(arguments.end(), {flag, value});
  return arguments;
}

INSTANTIATE_TEST_SUITE_P(
    TargetFlags, BadTargetFlag,
    testing::Values(
        BadFlag{"Method", {"--method", "PUT"}, "--method: PUT is not one of GET, HEAD, POST"},
        BadFlag{"SmallMethod", {"--method", "get"}, "--method: get is not one of GET, HEAD, POST"},
        BadFlag{"BodyOfAGet",
                {"--method", "GET", "--body", "x"},
                "--body: does not go with --method GET"},
        BadFlag{"BodyOfAHead",
                {"--body", "x", "--method", "HEAD"},
                "--body: does not go with --method HEAD"},
        BadFlag{"LongBody",
                {"--body", std::string(8193, 'x')},
                "--body: has 8193 bytes, more than 8192"},
        BadFlag{"HeaderWithoutColon",
                {"--header", "secret"},
                "--header: a header must be given as \"Name: value\""},
        BadFlag{"HeaderWithoutName",
                {"--header", ": x"},
                "--header: a header's name is made of letters, digits and !#$%&'*+-.^_`|~"},
        BadFlag{"HeaderName",
                {"--header", "a b: x"},
                "--header: a header's name is made of letters, digits and !#$%&'*+-.^_`|~"},
        BadFlag{"HostHeader",
                {"--header", "Host: b"},
                "--header: the header Host is the agent's own to send"},
        BadFlag{"TwoHeadersInOne",
                {"--header", "a: b\nc: d"},
                "--header: the value of the header a has a control character"},
        BadFlag{"ManyHeaders", many(33, "--header", "a: b"),
                "--header: 33 headers are more than "
                "32"},
        BadFlag{"LargeHeaders",
                {"--header", "a: " + std::string(8192, 'x')},
                "--header: the headers have 8193 bytes together, more than 8192"},
        BadFlag{"Version",
                {"--http-version", "1.0"},
                "--http-version: 1.0 is not one of auto, 1.1, 2, 3"},
        BadFlag{"Family", {"--family", "4"}, "--family: 4 is not one of any, ipv4, ipv6, both"},
        BadFlag{"TwoFamilies",
                {"-4", "-6"},
                "--family: it, -4 and -6 exclude each other; for both families: --family both"},
        BadFlag{"FamilyTwice",
                {"-4", "--family", "ipv4"},
                "--family: it, -4 and -6 exclude each other; for both families: --family both"},
        BadFlag{"ConnectToName",
                {"--connect-to", "b"},
                "--connect-to: b is not IP or IP:PORT, such as 192.0.2.1 or [2001:db8::1]:443"},
        BadFlag{"ConnectToPort",
                {"--connect-to", "192.0.2.1:0"},
                "--connect-to: 192.0.2.1:0 is not IP or IP:PORT, such as 192.0.2.1 or "
                "[2001:db8::1]:443"},
        BadFlag{"ConnectToOtherFamily",
                {"--connect-to", "192.0.2.1", "-6"},
                "--connect-to: 192.0.2.1 is one ipv4 address, so it does not go with the family "
                "ipv6"},
        BadFlag{"ConnectToBoth",
                {"--connect-to", "192.0.2.1", "--family", "both"},
                "--connect-to: 192.0.2.1 is one ipv4 address, so it does not go with the family "
                "both"},
        BadFlag{"Redirects", {"--redirects", "11"}, "--redirects: 11 is not between 0 and 10"},
        BadFlag{"Reuse", {"--reuse", "hot"}, "--reuse: hot is not one of cold, resumed, warm"},
        BadFlag{"NoSamples", {"--samples", "0"}, "--samples: 0 is not between 1 and 10"},
        BadFlag{"Samples", {"--samples", "11"}, "--samples: 11 is not between 1 and 10"},
        BadFlag{"Limit",
                {"--limit", "dns"},
                "--limit: dns is not PHASE=MS, such as tls=500; the phases are dns, connect, tls, "
                "wait and transfer"},
        BadFlag{"LimitOfNoPhase",
                {"--limit", "other=5"},
                "--limit: other=5 is not PHASE=MS, such as tls=500; the phases are dns, connect, "
                "tls, wait and transfer"},
        BadFlag{"LimitWord",
                {"--limit", "dns=5s"},
                "--limit: dns=5s is not PHASE=MS, such as tls=500; the phases are dns, connect, "
                "tls, wait and transfer"},
        BadFlag{"LimitZero", {"--limit", "dns=0"}, "--limit: 0 is not between 1 and 60000 ms"},
        BadFlag{
            "LimitTwice", {"--limit", "dns=5", "--limit", "dns=6"}, "--limit: dns is given twice"},
        BadFlag{"Status",
                {"--expect-status", "2xx"},
                "--expect-status: 2xx is no status and no range of them, such as 200 or 200-299"},
        BadFlag{"OpenStatus",
                {"--expect-status", "200-"},
                "--expect-status: 200- is no status and no range of them, such as 200 or 200-299"},
        BadFlag{"StatusBeyond",
                {"--expect-status", "200-1000"},
                "--expect-status: 1000 is not between 100 and 599"},
        BadFlag{"StatusBackwards",
                {"--expect-status", "299-200"},
                "--expect-status: 299-200 ends before it begins"},
        BadFlag{"ExpectedName",
                {"--expect-header", "a b"},
                "--expect-header: \"a b\" is not a header name"},
        BadFlag{"ExpectedValue",
                {"--expect-header", "a: \x01"},
                "--expect-header: the value of a has a control character"},
        BadFlag{"ManyExpected", many(17, "--expect-header", "a"),
                "--expect-header: 17 headers are "
                "more than 16"},
        BadFlag{"CertificateDays",
                {"--expect-certificate-days", "0"},
                "--expect-certificate-days: 0 is not between 1 and 3650"},
        BadFlag{"ExpectedTtfb",
                {"--expect-ttfb", "0"},
                "--expect-ttfb: 0 is not between 1 and 60000 ms"}),
    [](const auto& tested) { return tested.param.name; });

TEST(TargetFlags, ThatAreNoNumbersAreNamed) {
  for (const char* flag : {"--redirects", "--samples", "--expect-ttfb", "--timeout"}) {
    EXPECT_TRUE(refusal({flag, "some"}).contains(flag)) << refusal({flag, "some"});
  }
}

// curl does one exchange.
TEST(TargetFlags, ThatMakeSeveralExchangesAreNotForAComparison) {
  const auto refused = [](Arguments arguments) {
    arguments.emplace_back("--compare-curl");
    return refusal(arguments);
  };
  EXPECT_EQ(refused({"--redirects", "1"}),
            "--compare-curl: is about one exchange, so it does not go with --redirects");
  EXPECT_TRUE(refused({"--samples", "2"}).ends_with("--samples"));
  EXPECT_TRUE(refused({"--family", "both"}).ends_with("--family both"));
  EXPECT_TRUE(refused({"--reuse", "warm"}).ends_with("--reuse"));
  EXPECT_EQ(refused({"--method", "HEAD", "-4", "--http-version", "2"}), "accepted");
}

}  // namespace
}  // namespace firstbyte::agent
