#include "collector/api/token_buckets.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>

namespace firstbyte::collector {
namespace {

using std::chrono::nanoseconds;
using namespace std::chrono_literals;

constexpr MonotonicTime kStart{1h};

TEST(TokenBuckets, AnUnusedBucketIsFull) {
  const TokenBuckets buckets(60);
  EXPECT_EQ(buckets.level("a", kStart).remaining, 60);
  EXPECT_EQ(buckets.level("a", kStart).full_in, 0s);
  EXPECT_EQ(buckets.wait("a", 60, kStart), 0s);
}

TEST(TokenBuckets, TokensComeBackEvenly) {
  TokenBuckets buckets(60);
  buckets.take("a", 60, kStart);
  EXPECT_EQ(buckets.wait("a", 1, kStart), 1s);
  EXPECT_EQ(buckets.wait("a", 1, kStart + 1s), 0s);
  EXPECT_EQ(buckets.level("a", kStart + 10s).remaining, 10);
  EXPECT_EQ(buckets.level("a", kStart + 10s).full_in, 50s);
}

TEST(TokenBuckets, AStartedTokenIsNotThereYet) {
  TokenBuckets buckets(60);
  buckets.take("a", 60, kStart);
  EXPECT_EQ(buckets.level("a", kStart + 999ms).remaining, 0);
  EXPECT_EQ(buckets.wait("a", 1, kStart + 999ms), 1ms);
}

TEST(TokenBuckets, KeysDoNotShareOne) {
  TokenBuckets buckets(60);
  buckets.take("a", 60, kStart);
  EXPECT_EQ(buckets.wait("b", 60, kStart), 0s);
}

TEST(TokenBuckets, WhatIsFullAgainIsForgotten) {
  TokenBuckets buckets(60);
  for (int i = 0; i < 100; ++i) buckets.take(std::to_string(i), 1, kStart);
  EXPECT_EQ(buckets.size(), 100U);
  buckets.take("last", 1, kStart + 1s);
  EXPECT_EQ(buckets.size(), 1U);
}

TEST(TokenBuckets, ManyKeysAreBounded) {
  TokenBuckets buckets(60, 10);
  buckets.take("most", 50, kStart);
  for (int i = 0; i < 1000; ++i) buckets.take(std::to_string(i), 1 + i % 40, kStart);
  EXPECT_EQ(buckets.size(), 10U);
  EXPECT_EQ(buckets.level("most", kStart).remaining, 10);
}

// Whatever is asked for and when, and whether or not the rate divides a minute.
TEST(TokenBuckets, InNoWindowMorePassesThanTheBurstAndWhatComesBack) {
  struct Passed {
    MonotonicTime at;
    std::int64_t cost;
  };
  std::mt19937_64 random(20261123);
  const auto below = [&](std::int64_t bound) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(bound));
  };
  for (int round = 0; round < 60; ++round) {
    const std::int64_t per_minute = 1 + below(round % 2 == 0 ? 100 : 100'000);
    TokenBuckets buckets(per_minute);
    MonotonicTime now = kStart;
    std::deque<Passed> passed;
    for (int step = 0; step < 400; ++step) {
      now += nanoseconds{below(3) == 0 ? 0 : below(90'000'000'000 / (1 + below(1000)))};
      const std::int64_t cost = 1 + below(per_minute);
      const nanoseconds wait = buckets.wait("a", cost, now);
      if (wait > 0ns) {
        // What it says is enough, and no less would do.
        EXPECT_EQ(buckets.wait("a", cost, now + wait), 0ns);
        EXPECT_GT(buckets.wait("a", cost, now + wait - 1ns), 0ns);
        continue;
      }
      buckets.take("a", cost, now);
      passed.push_back({now, cost});
      std::int64_t sum = 0;
      for (auto first = passed.rbegin(); first != passed.rend(); ++first) {
        sum += first->cost;
        const auto window = now - first->at;
        // sum <= burst + rate * window, in whole numbers.
        EXPECT_LE((sum - per_minute) * nanoseconds{1min}.count(), per_minute * window.count());
      }
    }
    EXPECT_FALSE(passed.empty());
  }
}

}  // namespace
}  // namespace firstbyte::collector
