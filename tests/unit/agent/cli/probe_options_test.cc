#include "agent/cli/probe_options.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/fakes/collector_golden.h"

namespace firstbyte::agent {
namespace {

using Arguments = std::vector<const char*>;

Expected<std::variant<ProbeOptions, Printed>> parse(Arguments arguments) {
  arguments.insert(arguments.begin(), "probe");
  return parse_probe_options("firstbyte-agent probe", static_cast<int>(arguments.size()),
                             arguments.data());
}

ProbeOptions options_of(Arguments arguments) {
  const auto parsed = parse(std::move(arguments));
  EXPECT_TRUE(parsed) << parsed.error().message;
  return parsed ? std::get<ProbeOptions>(*parsed) : ProbeOptions{};
}

std::string refusal(Arguments arguments) {
  const auto parsed = parse(std::move(arguments));
  if (parsed) return "accepted";
  const Error& error = parsed.error();
  return error.field.empty() ? error.message : error.field + ": " + error.message;
}

TEST(ProbeOptions, HelpReadsAsTheGoldenFile) {
  fakes::expect_golden("cli/firstbyte-agent-probe-help.txt",
                       std::get<Printed>(*parse({"--help"})).text);
}

TEST(ProbeOptions, HaveDefaults) {
  const ProbeOptions options = options_of({"https://example.com"});
  EXPECT_EQ(options.target.url, "https://example.com/");
  EXPECT_EQ(options.target.timeout, std::chrono::seconds{10});
  EXPECT_EQ(options.ca_file, "/etc/ssl/certs/ca-certificates.crt");
  EXPECT_EQ(options.resolver.to_string(), "");
  EXPECT_FALSE(options.json);
  EXPECT_FALSE(options.compare_curl);
  EXPECT_FALSE(options.from_stdin);
}

TEST(ProbeOptions, TakeWhatTheyAreGiven) {
  const ProbeOptions options = options_of(
      {"http://a/", "--resolver", "127.0.0.1:8053", "--ca-file", "ca.pem", "--allow-network",
       "127.0.0.0/8", "--allow-network", "fd00::/8", "--timeout", "1500", "--compare-curl"});
  EXPECT_EQ(options.resolver.to_string(), "127.0.0.1:8053");
  EXPECT_EQ(options.ca_file, "ca.pem");
  EXPECT_EQ(options.allowed_networks.size(), 2U);
  EXPECT_EQ(options.target.timeout, std::chrono::milliseconds{1500});
  EXPECT_TRUE(options.compare_curl);
}

// Regression: a flag that may be repeated swallowed the URL behind it.
TEST(ProbeOptions, TakeTheUrlBehindAFlagThatMayBeRepeated) {
  EXPECT_EQ(options_of({"--allow-network", "127.0.0.0/8", "http://a/"}).target.url, "http://a/");
  EXPECT_EQ(options_of({"--allow-port", "8081", "http://a:8081/"}).target.url, "http://a:8081/");
}

TEST(ProbeOptions, TakeAList) {
  const ProbeOptions options =
      options_of({"--stdin", "--json", "--concurrency", "50", "--rate", "200"});
  EXPECT_TRUE(options.from_stdin);
  EXPECT_EQ(options.concurrency, 50U);
  EXPECT_EQ(options.rate, 200.0);
}

TEST(ProbeOptions, TakeAListAsFastAsItGoes) {
  const ProbeOptions options = options_of({"--stdin", "--json"});
  EXPECT_EQ(options.concurrency, 16U);
  EXPECT_EQ(options.rate, std::nullopt);
}

struct BadFlag {
  const char* name;
  Arguments arguments;
  const char* sentence;
  friend void PrintTo(const BadFlag& bad, std::ostream* out) { *out << bad.sentence; }
};

class BadProbeOption : public testing::TestWithParam<BadFlag> {};

TEST_P(BadProbeOption, IsNamed) {
  const std::string sentence = refusal(GetParam().arguments);
  EXPECT_NE(sentence.find(GetParam().sentence), std::string::npos) << sentence;
}

INSTANTIATE_TEST_SUITE_P(
    ProbeOptions, BadProbeOption,
    testing::Values(
        BadFlag{"NoUrl", {}, "the URL is missing; --stdin"},
        BadFlag{"NotAUrl", {"example.com"}, "the URL must begin with http:// or https://"},
        BadFlag{"TwoUrls", {"http://a/", "http://b/"}, "http://b/"},
        BadFlag{"Unknown", {"http://a/", "--bogus"}, "--bogus"},
        BadFlag{"TimeoutZero", {"http://a/", "--timeout", "0"}, "--timeout: 0 is not between"},
        BadFlag{
            "TimeoutTooShort", {"http://a/", "--timeout", "99"}, "--timeout: 99 is not between"},
        BadFlag{"TimeoutTooLong",
                {"http://a/", "--timeout", "30001"},
                "--timeout: 30001 is not between 100 and 30000 ms"},
        BadFlag{"TimeoutOfSamplesTooLong",
                {"http://a/", "--timeout", "60001", "--samples", "2"},
                "--timeout: 60001 is not between 100 and 60000 ms"},
        BadFlag{"TimeoutWord", {"http://a/", "--timeout", "soon"}, "--timeout"},
        BadFlag{"Resolver", {"http://a/", "--resolver", "dns"}, "--resolver: dns is not IP"},
        BadFlag{"Network", {"http://a/", "--allow-network", "x"}, "--allow-network"},
        BadFlag{"RateOfOne", {"http://a/", "--rate", "1"}, "--rate: only goes with --stdin"},
        BadFlag{"ConcurrencyOfOne", {"http://a/", "--concurrency", "1"}, "--concurrency: only"},
        BadFlag{"CurlInJson", {"http://a/", "--json", "--compare-curl"}, "--compare-curl"},
        BadFlag{"ListWithUrl", {"--stdin", "--json", "http://a/"}, "--stdin: reads the URLs"},
        BadFlag{"ListForPeople", {"--stdin"}, "--stdin: only goes with --json"},
        BadFlag{"ListWithCurl", {"--stdin", "--json", "--compare-curl"}, "--compare-curl"},
        BadFlag{"NoConcurrency", {"--stdin", "--json", "--concurrency", "0"}, "--concurrency: 0"},
        BadFlag{"TooMuch", {"--stdin", "--json", "--concurrency", "1001"}, "--concurrency: 1001"},
        BadFlag{"NoRate", {"--stdin", "--json", "--rate", "0"}, "--rate: 0"},
        BadFlag{"NegativeRate", {"--stdin", "--json", "--rate", "-1"}, "--rate: -1"},
        BadFlag{"NanRate", {"--stdin", "--json", "--rate", "nan"}, "--rate: nan"},
        BadFlag{"GreatRate", {"--stdin", "--json", "--rate", "10001"}, "--rate: 10001"}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace firstbyte::agent
