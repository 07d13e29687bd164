#include "agent/cli/curl_comparison.h"

#include <gtest/gtest.h>

#include "tests/fakes/collector_golden.h"
#include "tests/unit/agent/cli/cli_examples.h"

namespace firstbyte::agent {
namespace {

constexpr const char* kCaFile = "/etc/ssl/certs/ca-certificates.crt";

CurlReport report() {
  return {.version = "7.88.1",
          .namelookup = Micros{31},
          .connect = Micros{8'420},
          .appconnect = Micros{41'300},
          .pretransfer = Micros{41'380},
          .starttransfer = Micros{49'750},
          .total = Micros{49'990},
          .status = 200,
          .body_bytes = 612,
          .error = ""};
}

TEST(CurlComparison, LooksLikeItsGolden) {
  fakes::expect_golden("cli/curl-comparison.txt",
                       curl_comparison(examples::answer(), report(), kCaFile, {}));
}

TEST(CurlComparison, ExplainsALongBody) {
  CurlReport curl = report();
  curl.body_bytes = 1'000'000;
  EXPECT_TRUE(curl_comparison(examples::answer(), curl, kCaFile, {})
                  .contains("whole body, 1000000 bytes; we stop after 65536."));
}

TEST(CurlComparison, ShowsThatCurlFailed) {
  CurlReport curl;
  curl.error = "Failed to connect (exit code 7)";
  const std::string text = curl_comparison(examples::refused(), curl, kCaFile, {});
  EXPECT_TRUE(text.contains("curl failed: Failed to connect (exit code 7)"));
  EXPECT_TRUE(text.contains("No TLS in this URL."));
  EXPECT_TRUE(text.contains("Neither asked anybody"));
  EXPECT_TRUE(text.contains("Not both got to the end"));
}

TEST(CurlComparison, SaysThatTheAnswersDiffer) {
  CurlReport curl = report();
  curl.status = 429;
  EXPECT_TRUE(curl_comparison(examples::answer(), curl, kCaFile, {})
                  .contains("ours has status 200, curl's 429"));
}

}  // namespace
}  // namespace firstbyte::agent
