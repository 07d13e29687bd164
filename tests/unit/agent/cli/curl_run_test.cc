#include "agent/cli/curl_run.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace firstbyte::agent {
namespace {

using std::chrono::milliseconds;

// What stands behind a flag.
std::string value_of(const std::vector<std::string>& arguments, std::string_view flag) {
  const auto found = std::ranges::find(arguments, flag);
  return found == arguments.end() || found + 1 == arguments.end() ? "" : *(found + 1);
}

bool holds(const std::vector<std::string>& arguments, std::string_view argument) {
  return std::ranges::find(arguments, argument) != arguments.end();
}

CurlRequest request() {
  return {.target = {.url = "https://www.example.net/a?b={c}", .timeout = milliseconds{1500}},
          .address = {"192.0.2.1", 443},
          .ca_file = "/tmp/ca.pem"};
}

TEST(CurlArguments, PinTheAddressThatWasMeasured) {
  const auto arguments = curl_arguments(request());
  EXPECT_EQ(value_of(arguments, "--connect-to"), "::192.0.2.1:443");
  EXPECT_EQ(value_of(arguments, "--url"), "https://www.example.net/a?b={c}");
}

TEST(CurlArguments, PutAnIpv6AddressInBrackets) {
  CurlRequest v6 = request();
  v6.address = {"2001:db8::1", 8443};
  EXPECT_EQ(value_of(curl_arguments(v6), "--connect-to"), "::[2001:db8::1]:8443");
}

TEST(CurlArguments, TrustAndWaitAsTheProbeDid) {
  const auto arguments = curl_arguments(request());
  EXPECT_EQ(value_of(arguments, "--cacert"), "/tmp/ca.pem");
  EXPECT_EQ(value_of(arguments, "--max-time"), "1.500");
}

// curl heeds --disable only as its first argument.
TEST(CurlArguments, LeaveTheUsersConfigurationOut) {
  const auto arguments = curl_arguments(request());
  EXPECT_EQ(arguments.front(), "--disable");
  EXPECT_EQ(value_of(arguments, "--noproxy"), "*");
}

TEST(CurlArguments, AskAsTheProbeDid) {
  CurlRequest posting = request();
  posting.target.method = Method::kPost;
  posting.target.body = "@/etc/passwd";
  posting.target.headers = {{"Accept", "text/html, */*"}, {"X-Empty", ""}};
  const auto arguments = curl_arguments(posting);
  EXPECT_EQ(value_of(arguments, "--data-raw"), "@/etc/passwd");
  const auto accept = std::ranges::find(arguments, "Accept: text/html, */*");
  ASSERT_NE(accept, arguments.end());
  EXPECT_EQ(*(accept - 1), "--header");
  EXPECT_TRUE(holds(arguments, "X-Empty;"));
  // Neither tells of a form, nor waits for a 100 Continue.
  EXPECT_TRUE(holds(arguments, "Content-Type:"));
  EXPECT_TRUE(holds(arguments, "Expect:"));
  posting.target.headers = {{"content-TYPE", "text/plain"}};
  EXPECT_FALSE(holds(curl_arguments(posting), "Content-Type:"));
}

TEST(CurlArguments, AskForTheHeadAlone) {
  CurlRequest head = request();
  EXPECT_FALSE(holds(curl_arguments(head), "--head"));
  head.target.method = Method::kHead;
  EXPECT_TRUE(holds(curl_arguments(head), "--head"));
  EXPECT_FALSE(holds(curl_arguments(head), "--data-raw"));
}

TEST(CurlArguments, SpeakTheVersionThatWasChosen) {
  const auto flag = [](std::string url, HttpVersion version) {
    CurlRequest one = request();
    one.target.url = std::move(url);
    one.target.http_version = version;
    const std::string last = curl_arguments(one).back();
    return last.starts_with("--http") ? last : "";
  };
  EXPECT_EQ(flag("https://a/", HttpVersion::kAuto), "");
  EXPECT_EQ(flag("https://a/", HttpVersion::k1_1), "--http1.1");
  EXPECT_EQ(flag("https://a/", HttpVersion::k2), "--http2");
  // Regression: where the scheme is in capitals curl was to speak HTTP/2 unasked.
  EXPECT_EQ(flag("HTTPS://a/", HttpVersion::k2), "--http2");
  EXPECT_EQ(flag("https://a/", HttpVersion::k3), "--http3-only");
}

TEST(CurlReport, IsReadFromItsJson) {
  const auto report = parse_curl_report(
      R"({"http_code": 200, "exitcode": 0, "errormsg": null, "size_download": 612, "http_version": "2",
          "time_namelookup": 0.000031, "time_connect": 0.000420, "time_appconnect": 0.026000,
          "time_pretransfer": 0.026100, "time_starttransfer": 0.046000, "time_total": 1.5,
          "curl_version": "libcurl/7.88.1 OpenSSL/3.0.22"})");
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->version, "7.88.1");
  EXPECT_EQ(report->namelookup, Micros{31});
  EXPECT_EQ(report->connect, Micros{420});
  EXPECT_EQ(report->appconnect, Micros{26'000});
  EXPECT_EQ(report->pretransfer, Micros{26'100});
  EXPECT_EQ(report->starttransfer, Micros{46'000});
  EXPECT_EQ(report->total, Micros{1'500'000});
  EXPECT_EQ(report->status, 200);
  EXPECT_EQ(report->http_version, "2");
  EXPECT_EQ(report->body_bytes, 612);
  EXPECT_EQ(report->error, "");
}

TEST(CurlReport, OfAFailureHasNoTimesItDidNotReach) {
  const auto report = parse_curl_report(
      R"({"http_code": 0, "exitcode": 7, "errormsg": "Failed to connect", "http_version": "0", "time_namelookup": 0.1,
          "time_connect": 0, "time_appconnect": 0.0, "time_total": 0.2})");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->connect, std::nullopt);
  EXPECT_EQ(report->appconnect, std::nullopt);
  EXPECT_EQ(report->status, std::nullopt);
  EXPECT_EQ(report->http_version, "");
  EXPECT_EQ(report->error, "Failed to connect (exit code 7)");
}

TEST(CurlReport, LeavesOutNumbersThatAreNonsense) {
  const auto report = parse_curl_report(
      R"({"http_code": 0.5, "exitcode": 1e300, "size_download": -1, "time_connect": 1e300,
          "time_total": -1e300, "time_namelookup": 86400})");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->status, std::nullopt);
  EXPECT_EQ(report->body_bytes, 0);
  EXPECT_EQ(report->connect, std::nullopt);
  EXPECT_EQ(report->total, std::nullopt);
  EXPECT_EQ(report->namelookup, std::nullopt);
  EXPECT_EQ(report->error, "");
}

TEST(CurlReport, IsRefusedWhereItIsNoJson) {
  EXPECT_FALSE(parse_curl_report(""));
  EXPECT_FALSE(parse_curl_report("[]"));
  EXPECT_FALSE(parse_curl_report("%{json}"));
}

}  // namespace
}  // namespace firstbyte::agent
