#include "agent/cli/curl_comparison.h"

#include <gtest/gtest.h>

#include "tests/fakes/collector_golden.h"
#include "tests/unit/agent/cli/cli_examples.h"

namespace firstbyte::agent {
namespace {

CurlRequest request() {
  return {.target = {.url = "https://www.example.net/"},
          .address = {"192.0.2.1", 443},
          .ca_file = "/etc/ssl/certs/ca-certificates.crt"};
}

CurlReport report() {
  return {.version = "7.88.1",
          .namelookup = Micros{31},
          .connect = Micros{8'420},
          .appconnect = Micros{41'300},
          .pretransfer = Micros{41'380},
          .starttransfer = Micros{49'750},
          .total = Micros{49'990},
          .status = 200,
          .http_version = "2",
          .body_bytes = 612,
          .error = ""};
}

TEST(CurlComparison, LooksLikeItsGolden) {
  fakes::expect_golden("cli/curl-comparison.txt",
                       curl_comparison(examples::answer(), request(), report(), {}));
}

TEST(CurlComparison, ExplainsALongBody) {
  Measurement ours = examples::answer();
  ours.body_bytes = 65'536;
  ours.body_truncated = true;
  CurlReport curl = report();
  curl.body_bytes = 1'000'000;
  EXPECT_TRUE(curl_comparison(ours, request(), curl, {})
                  .contains("whole body, 1000000 bytes; we stopped after 65536."));
}

TEST(CurlComparison, ShowsThatCurlFailed) {
  CurlReport curl;
  curl.error = "Failed to connect (exit code 7)";
  const std::string text = curl_comparison(examples::refused(), request(), curl, {});
  EXPECT_TRUE(text.contains("curl failed: Failed to connect (exit code 7)"));
  EXPECT_TRUE(text.contains("No TLS in this URL."));
  EXPECT_TRUE(text.contains("Neither asked anybody"));
  EXPECT_TRUE(text.contains("Not both got to the end"));
}

TEST(CurlComparison, SaysThatTheAnswersDiffer) {
  CurlReport curl = report();
  curl.status = 429;
  EXPECT_TRUE(curl_comparison(examples::answer(), request(), curl, {})
                  .contains("ours has status 200, curl's 429"));
}

TEST(CurlComparison, SaysThatTheVersionsDiffer) {
  CurlReport curl = report();
  curl.http_version = "1.1";
  EXPECT_TRUE(curl_comparison(examples::answer(), request(), curl, {})
                  .contains("The versions differ: ours is HTTP/2, curl's HTTP/1.1."));
}

TEST(CurlComparison, KnowsThatAnAnswerToHeadHasNoBody) {
  CurlRequest head = request();
  head.target.method = Method::kHead;
  EXPECT_TRUE(curl_comparison(examples::answer(), head, report(), {})
                  .contains("An answer to HEAD has no body."));
}

TEST(CurlComparison, SaysWhoGaveTheAddress) {
  CurlRequest pinned = request();
  pinned.target.connect_to = Endpoint{"192.0.2.1", 0};
  EXPECT_TRUE(curl_comparison(examples::answer(), pinned, report(), {})
                  .contains("Neither asked anybody: --connect-to holds the address."));
}

TEST(CurlComparison, TakesAnAnswerThatWasNotExpectedForAnAnswer) {
  Measurement ours = examples::answer();
  ours.failure = Failure{{}, Origin::kTarget, Cause::kUnexpectedStatus, "the status is 200"};
  EXPECT_TRUE(curl_comparison(ours, request(), report(), {}).contains("Both read the whole body"));
}

}  // namespace
}  // namespace firstbyte::agent
