#include "collector/api/test_limits.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/fakes/http_response.h"
#include "tests/fakes/manual_clock.h"

namespace firstbyte::collector {
namespace {

using fakes::detail;
using fakes::header;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using namespace std::chrono_literals;

Target target_at(std::string url) {
  Target target;
  target.url = std::move(url);
  return target;
}

class TestLimitsTest : public testing::Test {
 protected:
  static constexpr TestLimitRates kRates{.per_client = 60, .per_target = 120, .in_total = 240};

  std::optional<HttpResponse> refusal(std::string_view client, const Target& target,
                                      std::int64_t cost) {
    auto taken = limits_.take(parse_address(client).value(), target, cost);
    return taken ? std::nullopt : std::optional(std::move(taken.error()));
  }
  std::optional<HttpResponse> refusal(std::string_view client, std::string url, std::int64_t cost) {
    return refusal(client, target_at(std::move(url)), cost);
  }

  fakes::ManualClock clock_;
  TestLimits limits_{kRates, clock_};
};

TEST(CostOfATest, IsItsCities) { EXPECT_EQ(cost_of(Target{}, 14), 14); }

TEST(CostOfATest, GrowsWithSamplesOfEachFamily) {
  Target target;
  target.samples = 3;
  EXPECT_EQ(cost_of(target, 14), 42);
  target.family = Family::kBoth;
  EXPECT_EQ(cost_of(target, 14), 84);
}

TEST_F(TestLimitsTest, WhatPassesSaysHowMuchIsLeft) {
  const auto taken =
      limits_.take(parse_address("192.0.2.1").value(), target_at("https://a.example/"), 14);
  ASSERT_TRUE(taken);
  EXPECT_THAT(*taken,
              ElementsAre(Pair("X-RateLimit-Limit", "60"), Pair("X-RateLimit-Remaining", "46"),
                          Pair("X-RateLimit-Reset", "14")));
}

TEST_F(TestLimitsTest, AClientIsTold) {
  EXPECT_FALSE(refusal("192.0.2.1", "https://a.example/", 50));
  const auto refused = refusal("192.0.2.1", "https://b.example/", 14);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 429U);
  EXPECT_THAT(refused->body, HasSubstr("urn:firstbyte:problem:client-limit"));
  EXPECT_EQ(detail(*refused),
            "a client (192.0.2.1) gets at most 60 samples a minute, and this test has 14; try "
            "again in 4 s");
  EXPECT_EQ(header(*refused, "Retry-After"), "4");
  EXPECT_EQ(header(*refused, "X-RateLimit-Limit"), "60");
  EXPECT_EQ(header(*refused, "X-RateLimit-Remaining"), "10");
  EXPECT_EQ(header(*refused, "X-RateLimit-Reset"), "50");
}

TEST_F(TestLimitsTest, WhoWaitsAsLongAsHeIsToldPasses) {
  EXPECT_FALSE(refusal("192.0.2.1", "https://a.example/", 50));
  EXPECT_TRUE(refusal("192.0.2.1", "https://a.example/", 14));
  clock_.advance(4s);
  EXPECT_FALSE(refusal("192.0.2.1", "https://a.example/", 14));
}

TEST_F(TestLimitsTest, TheMachinesDateDoesNotMatter) {
  EXPECT_FALSE(refusal("192.0.2.1", "https://a.example/", 60));
  clock_.step_wall(std::chrono::hours{24});
  EXPECT_TRUE(refusal("192.0.2.1", "https://a.example/", 1));
}

TEST_F(TestLimitsTest, ANetworkOfIpv6IsOneClient) {
  EXPECT_FALSE(refusal("2001:db8:0:1::1", "https://a.example/", 60));
  EXPECT_FALSE(refusal("2001:db8:0:2::1", "https://b.example/", 60));
  const auto refused = refusal("2001:db8:0:1:ffff::2", "https://c.example/", 1);
  ASSERT_TRUE(refused);
  EXPECT_THAT(detail(*refused), HasSubstr("a client (2001:db8:0:1::/64) gets"));
}

TEST_F(TestLimitsTest, ATargetIsSparedWhoeverAsks) {
  EXPECT_FALSE(refusal("192.0.2.1", "https://a.example/", 60));
  EXPECT_FALSE(refusal("192.0.2.2", "http://A.example.:8080/b?c", 60));
  const auto refused = refusal("192.0.2.3", "https://a.example/", 14);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 429U);
  EXPECT_THAT(refused->body, HasSubstr("urn:firstbyte:problem:target-limit"));
  EXPECT_THAT(refused->body, HasSubstr(R"("field":"/url")"));
  EXPECT_THAT(detail(*refused), HasSubstr("a target (a.example) gets at most 120 samples"));
}

// Otherwise one URL after the other could name the same victim.
TEST_F(TestLimitsTest, AnAddressThatIsDialledInsteadIsTheTarget) {
  Target target = target_at("https://a.example/");
  target.connect_to = Endpoint{"198.51.100.1", 443};
  EXPECT_FALSE(refusal("192.0.2.1", target, 60));
  target.url = "https://b.example/";
  target.connect_to->port = 80;
  EXPECT_FALSE(refusal("192.0.2.2", target, 60));
  target.url = "https://c.example/";
  EXPECT_TRUE(refusal("192.0.2.3", target, 1));
  EXPECT_TRUE(refusal("192.0.2.3", "http://198.51.100.1/", 1));
}

// Regression: each spelling had a bucket of its own.
TEST_F(TestLimitsTest, AnAddressIsOneTargetHoweverItIsWritten) {
  EXPECT_FALSE(refusal("192.0.2.1", "https://[2001:db8::1]/", 60));
  EXPECT_FALSE(refusal("192.0.2.2", "https://[2001:db8:0:0::1]/", 60));
  EXPECT_TRUE(refusal("192.0.2.3", "https://[2001:0db8::1]/", 1));
}

TEST_F(TestLimitsTest, AResolverIsATargetToo) {
  Target target = target_at("https://a.example/");
  target.resolver = Endpoint{"198.51.100.53", 0};
  EXPECT_FALSE(refusal("192.0.2.1", target, 60));
  target.url = "https://b.example/";
  EXPECT_FALSE(refusal("192.0.2.2", target, 60));
  target.url = "https://c.example/";
  const auto refused = refusal("192.0.2.3", target, 1);
  ASSERT_TRUE(refused);
  EXPECT_THAT(detail(*refused), HasSubstr("a target (198.51.100.53) gets"));
}

TEST_F(TestLimitsTest, AllTogetherAreBoundedToo) {
  for (const char* client : {"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"}) {
    EXPECT_FALSE(refusal(client, fmt::format("https://{}/", client), 60));
  }
  const auto refused = refusal("192.0.2.5", "https://e.example/", 1);
  ASSERT_TRUE(refused);
  EXPECT_THAT(refused->body, HasSubstr("urn:firstbyte:problem:total-limit"));
  EXPECT_THAT(detail(*refused), HasSubstr("this collector gets at most 240 samples a minute"));
}

TEST_F(TestLimitsTest, WhatOneLimitRefusesCostsNoneOfTheOthers) {
  EXPECT_FALSE(refusal("192.0.2.1", "https://a.example/", 60));
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(refusal("192.0.2.1", "https://b.example/", 60));
  EXPECT_FALSE(refusal("192.0.2.2", "https://b.example/", 60));
  EXPECT_FALSE(refusal("192.0.2.3", "https://b.example/", 60));
}

TEST_F(TestLimitsTest, ATestThatCanNeverPassIsNotToldToWait) {
  const auto refused = refusal("192.0.2.1", "https://a.example/", 61);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 400U);
  EXPECT_EQ(header(*refused, "Retry-After"), "");
  EXPECT_EQ(detail(*refused),
            "a client (192.0.2.1) gets at most 60 samples a minute, and this test has 61; ask for "
            "fewer");
}

TEST(TestLimits, WithoutRatesEverythingPasses) {
  const fakes::ManualClock clock;
  TestLimits limits({.per_client = 0, .per_target = 0, .in_total = 0}, clock);
  for (int i = 0; i < 100; ++i) {
    const auto taken =
        limits.take(parse_address("192.0.2.1").value(), target_at("https://a.example/"), 1'000'000);
    ASSERT_TRUE(taken);
    EXPECT_TRUE(taken->empty());
  }
}

}  // namespace
}  // namespace firstbyte::collector
