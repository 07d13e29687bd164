#include "collector/options.h"

#include <gmock/gmock.h>

#include <vector>

#include "tests/fakes/collector_golden.h"

namespace firstbyte::collector {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

Expected<std::variant<CollectorOptions, Printed>> parse(std::vector<const char*> flags) {
  flags.insert(flags.begin(), "firstbyte-collector");
  return parse_options(static_cast<int>(flags.size()), flags.data());
}

CollectorOptions accepted(std::vector<const char*> flags) {
  const auto parsed = parse(std::move(flags));
  EXPECT_TRUE(parsed) << parsed.error().message;
  return parsed ? std::get<CollectorOptions>(*parsed) : CollectorOptions{};
}

// As main() prints it.
std::string refused(std::vector<const char*> flags) {
  const auto parsed = parse(std::move(flags));
  EXPECT_FALSE(parsed);
  if (parsed) return {};
  const Error& error = parsed.error();
  EXPECT_EQ(error.kind, Error::Kind::kInvalid);
  return error.field.empty() ? error.message : error.field + ": " + error.message;
}

TEST(CollectorOptions, NeedNothingButAFolder) {
  const CollectorOptions options = accepted({"--data-dir", "var"});
  EXPECT_EQ(options.data_dir, "var");
  EXPECT_EQ(options.http_address, "127.0.0.1");
  EXPECT_EQ(options.http_port, 8080);
  EXPECT_EQ(options.grpc_address, "127.0.0.1:9090");
  EXPECT_EQ(options.log_level, "info");
  EXPECT_FALSE(options.check_config);
}

TEST(CollectorOptions, TellAnAddressThatWasGivenFromTheDefault) {
  EXPECT_FALSE(accepted({"--data-dir", "v"}).http_given);
  EXPECT_TRUE(accepted({"--data-dir", "v", "--http", "127.0.0.1:8080"}).http_given);
}

TEST(CollectorOptions, TakeAnAddressWithItsPort) {
  const CollectorOptions options = accepted({"--data-dir", "v", "--http", "0.0.0.0:0"});
  EXPECT_EQ(options.http_address, "0.0.0.0");
  EXPECT_EQ(options.http_port, 0);
}

TEST(CollectorOptions, TakeAnIpv6AddressInBrackets) {
  const CollectorOptions options =
      accepted({"--data-dir", "v", "--http", "[::1]:80", "--grpc", "[::1]:90"});
  EXPECT_EQ(options.http_address, "::1");
  EXPECT_EQ(options.http_port, 80);
  EXPECT_EQ(options.grpc_address, "[::1]:90");
}

TEST(CollectorOptions, ServeHttpToEverybodyWithoutTlsUnlessTold) {
  const CollectorOptions options = accepted({"--data-dir", "v"});
  EXPECT_FALSE(options.http.certificate);
  EXPECT_TRUE(options.http.trusted_proxies.empty());
  EXPECT_TRUE(options.http.hosts.empty());
  EXPECT_EQ(options.http.limits.per_client, 300);
  EXPECT_EQ(options.http.limits.per_target, 600);
  EXPECT_EQ(options.http.limits.in_total, 3000);
}

TEST(CollectorOptions, CloseTheCollectorWhenAskedTo) {
  EXPECT_EQ(accepted({"--data-dir", "v"}).http.access, HttpAccess::kPublic);
  EXPECT_EQ(accepted({"--data-dir", "v", "--http-access", "public"}).http.access,
            HttpAccess::kPublic);
  EXPECT_EQ(accepted({"--data-dir", "v", "--http-access", "token"}).http.access,
            HttpAccess::kToken);
}

TEST(CollectorOptions, RefuseAccessOfNoKind) {
  EXPECT_EQ(refused({"--data-dir", "v", "--http-access", "private"}),
            "--http-access: private is neither public nor token");
}

TEST(CollectorOptions, TakeProxiesAndNamesOneByOne) {
  const CollectorOptions options =
      accepted({"--data-dir", "v", "--trusted-proxy", "10.0.0.0/8", "--trusted-proxy", "::1",
                "--http-host", "a.example", "--http-host", "b.example"});
  ASSERT_EQ(options.http.trusted_proxies.size(), 2U);
  EXPECT_EQ(options.http.trusted_proxies[0].bits, 8);
  EXPECT_EQ(options.http.trusted_proxies[1].bits, 128);
  EXPECT_EQ(options.http.hosts, (std::vector<std::string>{"a.example", "b.example"}));
}

TEST(CollectorOptions, RefuseAProxyThatIsNoNetwork) {
  EXPECT_EQ(refused({"--data-dir", "v", "--trusted-proxy", "10.0.0.0/33"}),
            "--trusted-proxy: 10.0.0.0/33 has no prefix length between 0 and 32");
  EXPECT_EQ(refused({"--data-dir", "v", "--trusted-proxy", "proxy.example"}),
            "--trusted-proxy: proxy.example is not an IP address");
}

TEST(CollectorOptions, RefuseAHostThatIsNone) {
  for (const std::string name : {"https://a.example", "a.example:443", "*.example", ""}) {
    EXPECT_EQ(refused({"--data-dir", "v", "--http-host", name.c_str()}),
              "--http-host: " + name + " is not a host name");
  }
}

TEST(CollectorOptions, WantACertificateWithItsKey) {
  EXPECT_EQ(refused({"--data-dir", "v", "--http-certificate", "a.pem"}),
            "--http-key: a certificate and its key go together");
  EXPECT_EQ(refused({"--data-dir", "v", "--http-key", "a.pem"}),
            "--http-certificate: a certificate and its key go together");
}

TEST(CollectorOptions, TakeLimitsAndNone) {
  const CollectorOptions options = accepted(
      {"--data-dir", "v", "--limit-client", "14", "--limit-target", "0", "--limit-total", "1000"});
  EXPECT_EQ(options.http.limits.per_client, 14);
  EXPECT_EQ(options.http.limits.per_target, 0);
  EXPECT_EQ(options.http.limits.in_total, 1000);
}

TEST(CollectorOptions, RefuseALimitThatIsNoNumber) {
  for (const char* limit : {"-1", "many", "1000001", "1.5"}) {
    EXPECT_THAT(refused({"--data-dir", "v", "--limit-client", limit}), HasSubstr("--limit-client"))
        << limit;
  }
}

TEST(CollectorOptions, GiveTheDefaultUrlItsPath) {
  EXPECT_EQ(accepted({"--data-dir", "v", "--default-url", "https://a.example"}).default_url,
            "https://a.example/");
}

TEST(CollectorOptions, HelpLooksLikeItsGolden) {
  const auto printed = parse({"--help"});
  ASSERT_TRUE(printed);
  fakes::expect_golden("cli/firstbyte-collector-help.txt", std::get<Printed>(*printed).text);
}

TEST(CollectorOptions, VersionIsNameAndNumber) {
  const auto printed = parse({"--version"});
  ASSERT_TRUE(printed);
  EXPECT_EQ(std::get<Printed>(*printed).text, "firstbyte-collector " FIRSTBYTE_VERSION "\n");
}

TEST(CollectorOptions, AMissingFolderNamesItsFlag) {
  EXPECT_THAT(refused({}), HasSubstr("--data-dir"));
}

TEST(CollectorOptions, AnUnknownFlagIsNamed) {
  EXPECT_THAT(refused({"--data-dir", "v", "--bogus"}), HasSubstr("--bogus"));
}

TEST(CollectorOptions, AFlagWithoutItsValueIsNamed) {
  EXPECT_THAT(refused({"--data-dir", "v", "--http"}), HasSubstr("--http"));
}

TEST(CollectorOptions, AnAddressThatIsNoneNamesItsFlag) {
  for (const char* address : {"8080", "localhost", ":8080", "127.0.0.1:", "127.0.0.1:x",
                              "127.0.0.1:80x", "127.0.0.1:65536", "127.0.0.1:-1", ""}) {
    EXPECT_EQ(refused({"--data-dir", "v", "--http", address}),
              std::string("--http: ") + address + " is not ADDR:PORT");
    EXPECT_EQ(refused({"--data-dir", "v", "--grpc", address}),
              std::string("--grpc: ") + address + " is not ADDR:PORT");
  }
}

TEST(CollectorOptions, ADefaultUrlThatIsNoneNamesItsFlag) {
  EXPECT_THAT(refused({"--data-dir", "v", "--default-url", "ftp://a/"}),
              StartsWith("--default-url: the scheme must be http or https"));
}

}  // namespace
}  // namespace firstbyte::collector
