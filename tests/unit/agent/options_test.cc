#include "agent/options.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace firstbyte::agent {
namespace {

using Arguments = std::vector<const char*>;

Expected<std::variant<AgentOptions, Printed>> parse(Arguments arguments) {
  arguments.insert(arguments.begin(), "firstbyte-agent");
  return parse_options(static_cast<int>(arguments.size()), arguments.data());
}

// With the two flags that must be there.
AgentOptions options_of(Arguments more = {}) {
  more.insert(more.begin(), {"--insecure", "--collector", "127.0.0.1:50051", "--city", "New York"});
  const auto parsed = parse(std::move(more));
  EXPECT_TRUE(parsed) << parsed.error().message;
  return parsed ? std::get<AgentOptions>(*parsed) : AgentOptions{};
}

std::string refusal(Arguments arguments) {
  const auto parsed = parse(std::move(arguments));
  if (parsed) return "accepted";
  const Error& error = parsed.error();
  return error.field.empty() ? error.message : error.field + ": " + error.message;
}

std::string read(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

std::filesystem::path golden_dir() {
  const char* given = std::getenv("FIRSTBYTE_GOLDEN_DIR");
  if (given != nullptr) return given;
  return std::filesystem::path(__FILE__).parent_path().parent_path().parent_path() / "golden";
}

// UPDATE_GOLDEN=1 rewrites the file.
TEST(AgentOptions, HelpReadsAsTheGoldenFile) {
  const auto parsed = parse({"--help"});
  ASSERT_TRUE(parsed);
  const std::string help = std::get<Printed>(*parsed).text;
  const auto file = golden_dir() / "cli" / "firstbyte-agent-help.txt";
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(file, std::ios::binary) << help;
  }
  EXPECT_EQ(help, read(file));
}

TEST(AgentOptions, PrintTheVersion) {
  EXPECT_EQ(std::get<Printed>(*parse({"--version"})).text,
            "firstbyte-agent " FIRSTBYTE_VERSION "\n");
}

TEST(AgentOptions, TakeAKnownCitysPlaceFromItsName) {
  const AgentIdentity identity = options_of().identity;
  EXPECT_EQ(identity, (AgentIdentity{"new-york", "New York", "US", "North America", 40.71, -74.01,
                                     std::nullopt}));
}

TEST(AgentOptions, TakeAnUnknownCitysPlaceFromTheFlags) {
  const auto parsed = parse({"--insecure", "--collector", "localhost:1", "--city",
                             "Frankfurt am Main", "--country", "DE", "--region", "Europe",
                             "--latitude", "50.1", "--longitude", "8.7", "--asn", "64512"});
  ASSERT_TRUE(parsed);
  EXPECT_EQ(std::get<AgentOptions>(*parsed).identity,
            (AgentIdentity{"frankfurt-am-main", "Frankfurt am Main", "DE", "Europe", 50.1, 8.7,
                           std::uint32_t{64512}}));
}

TEST(AgentOptions, LetTheFlagsOverrideAKnownCitysPlace) {
  const AgentIdentity identity =
      options_of({"--id", "ny-2", "--latitude", "40.8", "--region", "East"}).identity;
  EXPECT_EQ(identity.id, "ny-2");
  EXPECT_EQ(identity.latitude, 40.8);
  EXPECT_EQ(identity.longitude, -74.01);
  EXPECT_EQ(identity.region, "East");
}

TEST(AgentOptions, HaveDefaults) {
  const AgentOptions options = options_of();
  EXPECT_EQ(options.collector, "127.0.0.1:50051");
  EXPECT_EQ(options.resolver.to_string(), "");
  EXPECT_EQ(options.ca_file, "/etc/ssl/certs/ca-certificates.crt");
  EXPECT_TRUE(options.allowed_networks.empty());
  EXPECT_EQ(options.data_dir, "");
  EXPECT_EQ(options.control_target, "");
  EXPECT_EQ(options.log_level, "info");
  EXPECT_FALSE(options.check_config);
}

TEST(AgentOptions, TakeWhatTheyAreGiven) {
  const AgentOptions options =
      options_of({"--resolver", "127.0.0.1:8053", "--ca-file", "ca.pem", "--data-dir", "data",
                  "--log-level", "debug", "--check-config"});
  EXPECT_EQ(options.resolver.to_string(), "127.0.0.1:8053");
  EXPECT_EQ(options.ca_file, "ca.pem");
  EXPECT_EQ(options.data_dir, "data");
  EXPECT_EQ(options.log_level, "debug");
  EXPECT_TRUE(options.check_config);
}

TEST(AgentOptions, TakeSeveralNetworks) {
  const AgentOptions options =
      options_of({"--allow-network", "127.0.0.0/8", "--allow-network", "fd00::/8"});
  ASSERT_EQ(options.allowed_networks.size(), 2U);
  EXPECT_TRUE(options.allowed_networks[1].contains(parse_address("fd00::1").value()));
}

TEST(AgentOptions, TakeSeveralPorts) {
  const AgentOptions options = options_of({"--allow-port", "1", "--allow-port", "65535"});
  EXPECT_TRUE(options.allowed_ports.contains(1));
  EXPECT_TRUE(options.allowed_ports.contains(65535));
  EXPECT_TRUE(options.allowed_ports.contains(443));
  EXPECT_FALSE(options.allowed_ports.contains(22));
}

TEST(AgentOptions, TakeAControlTarget) {
  const AgentOptions options =
      options_of({"--control-target", "https://Control.example#x", "--control-interval", "5"});
  EXPECT_EQ(options.control_target, "https://control.example/");
  EXPECT_EQ(options.control_interval, std::chrono::seconds{5});
}

TEST(AgentOptions, ProbeTheControlTargetTwiceAMinute) {
  EXPECT_EQ(options_of({"--control-target", "http://a/"}).control_interval,
            std::chrono::seconds{30});
}

TEST(AgentOptions, NeedNothingButTheFolderOfAnAgentThatHasJoined) {
  const auto parsed = parse({"--data-dir", "data"});
  ASSERT_TRUE(parsed);
  EXPECT_FALSE(std::get<AgentOptions>(*parsed).insecure);
  EXPECT_THAT(refusal({}), testing::StartsWith("--data-dir: "));
  EXPECT_THAT(refusal({"--collector", "a:1", "--city", "Tokyo"}),
              testing::StartsWith("--data-dir: "));
}

TEST(AgentOptions, NeedCollectorAndCityWithoutTls) {
  EXPECT_EQ(refusal({"--insecure", "--city", "Tokyo"}), "--collector: --insecure needs it");
  EXPECT_EQ(refusal({"--insecure", "--collector", "localhost:1"}), "--city: --insecure needs it");
}

TEST(AgentOptions, StayOnLoopbackWithoutTls) {
  for (const char* collector : {"192.0.2.1:9090", "[2001:db8::1]:9090", "collector.example:9090",
                                "localhost.example:1", "0.0.0.0:1"}) {
    EXPECT_THAT(
        refusal({"--insecure", "--collector", collector, "--city", "Tokyo"}),
        testing::StartsWith(std::string("--insecure: ") + collector + " is not on loopback"));
  }
  for (const char* collector : {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1"}) {
    EXPECT_EQ(refusal({"--insecure", "--collector", collector, "--city", "Tokyo"}), "accepted");
  }
}

TEST(AgentOptions, MaySayAgainWhatAnAgentWasEnrolledWith) {
  const AgentIdentity enrolled{"ny-2", "New York", "US", "North America", 40.71, -74.01, {}};
  GivenIdentity given{.city = "new-york", .id = "ny-2", .country = "US"};
  given.latitude = 40.71;
  given.asn = 64512;
  const auto confirmed = confirm_identity(enrolled, given);
  ASSERT_TRUE(confirmed);
  EXPECT_EQ(confirmed->asn, 64512U);
  EXPECT_EQ(confirm_identity(enrolled, {}), enrolled);
}

TEST(AgentOptions, MaySayNothingElseThanAnAgentWasEnrolledWith) {
  const AgentIdentity enrolled{"ny-2", "New York", "US", "North America", 40.71, -74.01, {}};
  const auto flag = [&](const GivenIdentity& given) {
    const auto confirmed = confirm_identity(enrolled, given);
    return confirmed ? "accepted" : confirmed.error().field;
  };
  EXPECT_EQ(flag({.city = "Tokyo"}), "--city");
  EXPECT_EQ(flag({.id = "new-york"}), "--id");
  EXPECT_EQ(flag({.country = "CA"}), "--country");
  EXPECT_EQ(flag({.region = "East"}), "--region");
  EXPECT_EQ(flag({.latitude = 40.0}), "--latitude");
  EXPECT_EQ(flag({.longitude = 74.01}), "--longitude");
}

// Each flag that is wrong is named at the beginning of the sentence or in it.
struct BadFlag {
  const char* name;
  Arguments arguments;
  const char* flag;
  friend void PrintTo(const BadFlag& bad, std::ostream* out) { *out << bad.flag; }
};

class BadAgentOption : public testing::TestWithParam<BadFlag> {};

TEST_P(BadAgentOption, IsNamed) {
  Arguments arguments = GetParam().arguments;
  for (const char* flag : {"--collector", "--city"}) {
    if (std::ranges::find(arguments, std::string_view(flag)) != arguments.end()) continue;
    arguments.insert(arguments.end(),
                     {flag, std::string_view(flag) == "--city" ? "Tokyo" : "localhost:1"});
  }
  arguments.insert(arguments.begin(), "--insecure");
  const std::string sentence = refusal(arguments);
  EXPECT_NE(sentence.find(GetParam().flag), std::string::npos) << sentence;
}

const std::string kLong65(65, 'x');

INSTANTIATE_TEST_SUITE_P(
    AgentOptions, BadAgentOption,
    testing::Values(
        BadFlag{"Unknown", {"--bogus"}, "--bogus"}, BadFlag{"Stray", {"stray"}, "stray"},
        BadFlag{"CollectorNoPort", {"--collector", "host"}, "--collector: host is not HOST:PORT"},
        BadFlag{"CollectorNoHost", {"--collector", ":1"}, "--collector"},
        BadFlag{"CollectorEmptyPort", {"--collector", "a:"}, "--collector"},
        BadFlag{"CollectorPortZero", {"--collector", "a:0"}, "--collector"},
        BadFlag{"CollectorPortTooLarge", {"--collector", "a:65536"}, "--collector"},
        BadFlag{"CollectorPortWord", {"--collector", "a:1x"}, "--collector"},
        BadFlag{"CityUnknown", {"--city", "Atlantis"}, "--city: Atlantis is not a known city"},
        BadFlag{"CityWithoutPlace",
                {"--city", "Atlantis", "--country", "GR"},
                "--latitude and --longitude"},
        BadFlag{"CityTooLong",
                {"--city", kLong65.c_str(), "--id", "x", "--country", "GR", "--latitude", "1",
                 "--longitude", "1"},
                "--city"},
        BadFlag{"CityWithoutAnyId",
                {"--city", "東京都", "--country", "JP", "--latitude", "1", "--longitude", "1"},
                "--id"},
        BadFlag{"IdUpperCase", {"--id", "Tokyo"}, "--id"},
        BadFlag{"IdSpace", {"--id", "a b"}, "--id"},
        BadFlag{"IdTooLong", {"--id", kLong65.c_str()}, "--id"},
        BadFlag{"CountryLowerCase", {"--country", "jp"}, "--country"},
        BadFlag{"CountryName", {"--country", "Japan"}, "--country"},
        BadFlag{"RegionTooLong", {"--region", kLong65.c_str()}, "--region"},
        BadFlag{"LatitudeTooLarge", {"--latitude", "90.5"}, "--latitude"},
        BadFlag{"LatitudeNan", {"--latitude", "nan"}, "--latitude"},
        BadFlag{"LatitudeWord", {"--latitude", "north"}, "--latitude"},
        BadFlag{"LongitudeTooLarge", {"--longitude", "-180.5"}, "--longitude"},
        BadFlag{"AsnNegative", {"--asn", "-1"}, "--asn"},
        BadFlag{"AsnTooLarge", {"--asn", "4294967296"}, "--asn"},
        BadFlag{"Resolver", {"--resolver", "dns.example"}, "--resolver: dns.example is not IP"},
        BadFlag{"AllowPortZero", {"--allow-port", "0"}, "--allow-port: 0 is not a port between"},
        BadFlag{"AllowPortTooLarge", {"--allow-port", "65536"}, "--allow-port: 65536 is not"},
        BadFlag{"AllowPortNegative", {"--allow-port", "-1"}, "--allow-port"},
        BadFlag{"AllowPortWord", {"--allow-port", "80x"}, "--allow-port: 80x is not a port"},
        BadFlag{"AllowPortRange", {"--allow-port", "1-2"}, "--allow-port: 1-2 is not a port"},
        BadFlag{"AllowNetwork", {"--allow-network", "10.0.0.0/33"}, "--allow-network: 10.0.0.0/33"},
        BadFlag{"ControlTarget", {"--control-target", "control.example"}, "--control-target: "},
        BadFlag{
            "ControlTargetEmpty", {"--control-target", ""}, "--control-target: the URL is missing"},
        BadFlag{"ControlIntervalZero",
                {"--control-target", "http://a/", "--control-interval", "0"},
                "--control-interval: 0 is not between 1 and 3600 seconds"},
        BadFlag{"ControlIntervalTooLong",
                {"--control-target", "http://a/", "--control-interval", "3601"},
                "--control-interval"},
        BadFlag{"ControlIntervalWord",
                {"--control-target", "http://a/", "--control-interval", "often"},
                "--control-interval"},
        BadFlag{"ControlIntervalAlone",
                {"--control-interval", "5"},
                "--control-interval: only goes with --control-target"},
        BadFlag{"ValueMissing",
                {"--collector", "localhost:1", "--city", "Tokyo", "--data-dir"},
                "--data-dir"}),
    [](const auto& tested) { return tested.param.name; });

TEST(AgentOptions, KeepADayOfResultsIn64MebibytesUnlessToldOtherwise) {
  const AgentOptions options = options_of();
  EXPECT_EQ(options.spool_max_bytes, 64U << 20);
  EXPECT_EQ(options.spool_max_age, std::chrono::hours{24});
  EXPECT_EQ(options.drain_timeout, std::chrono::seconds{10});
}

TEST(AgentOptions, TakeTheBoundsOfTheSpool) {
  const AgentOptions options =
      options_of({"--spool-max-mb", "3", "--spool-max-age", "7d", "--drain-timeout", "0"});
  EXPECT_EQ(options.spool_max_bytes, 3U << 20);
  EXPECT_EQ(options.spool_max_age, std::chrono::hours{7 * 24});
  EXPECT_EQ(options.drain_timeout, std::chrono::seconds{0});
  EXPECT_EQ(options_of({"--spool-max-age", "90s"}).spool_max_age, std::chrono::seconds{90});
  EXPECT_EQ(options_of({"--spool-max-age", "5m"}).spool_max_age, std::chrono::minutes{5});
}

TEST(AgentOptions, RefuseBoundsThatMakeNoSense) {
  const auto with = [](const char* flag, const char* value) {
    return refusal({"--insecure", "--collector", "localhost:1", "--city", "Tokyo", flag, value});
  };
  EXPECT_EQ(with("--spool-max-mb", "0"), "--spool-max-mb: 0 is not between 1 and 1000000 MiB");
  EXPECT_EQ(with("--drain-timeout", "-1"), "--drain-timeout: -1 is not between 0 and 3600 seconds");
  for (const char* age :
       {"", "24", "h", "0h", "-1h", "1.5h", "1w", "24hours", "367d", "99999999999999999999h"}) {
    EXPECT_EQ(
        with("--spool-max-age", age),
        fmt::format("--spool-max-age: \"{}\" is not a number and s, m, h or d, up to 366d", age));
  }
}

}  // namespace
}  // namespace firstbyte::agent
