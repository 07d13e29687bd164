#include "collector/analysis/history.h"

#include <gtest/gtest.h>

namespace firstbyte::history_test {
namespace {

using namespace collector;

constexpr WallTime kDeadline{std::chrono::seconds{1'000}};
constexpr WallTime kLater = kDeadline + std::chrono::seconds{1};

PastCity answered(int milliseconds, Rating rating = Rating::kGood) {
  return {CityState::kFinished, rating, std::chrono::milliseconds{milliseconds}};
}

TestSummary summary_of(std::vector<PastCity> cities, WallTime now = kLater) {
  return summarize({"t1", {}, {}, kDeadline, std::move(cities)}, now);
}

TEST(History, CountsCitiesByHowTheyEnded) {
  const TestSummary summary = summary_of({answered(34),
                                          answered(20, Rating::kFailed),
                                          {CityState::kFailed, Rating::kFailed, {}},
                                          {CityState::kOffline, {}, {}},
                                          {CityState::kTimedOut, {}, {}}});
  EXPECT_EQ(summary.finished, 2U);
  EXPECT_EQ(summary.succeeded, 1U);
  EXPECT_EQ(summary.failed, 1U);
  EXPECT_EQ(summary.offline, 1U);
  EXPECT_EQ(summary.timed_out, 1U);
  EXPECT_EQ(summary.running, 0U);
}

TEST(History, WhatHasNotEndedByTheDeadlineHasTimedOut) {
  const std::vector<PastCity> cities{{}, answered(34)};
  EXPECT_EQ(summary_of(cities, kDeadline - Micros{1}).running, 1U);
  EXPECT_EQ(summary_of(cities, kDeadline).running, 0U);
  EXPECT_EQ(summary_of(cities, kDeadline).timed_out, 1U);
}

TEST(History, TheMedianIsOfTheCitiesThatSucceeded) {
  EXPECT_EQ(summary_of({answered(30), answered(10), answered(20)}).median_ttfb, Micros{20'000});
  EXPECT_EQ(summary_of({answered(30), answered(10)}).median_ttfb, Micros{10'000});
  EXPECT_EQ(summary_of({answered(30), answered(1, Rating::kFailed)}).median_ttfb, Micros{30'000});
}

TEST(History, TheFastestAndTheSlowestAreOfThemAsWell) {
  const TestSummary summary =
      summary_of({answered(30), answered(10), answered(1, Rating::kFailed), answered(20)});
  EXPECT_EQ(summary.fastest_ttfb, Micros{10'000});
  EXPECT_EQ(summary.slowest_ttfb, Micros{30'000});
}

TEST(History, OfNoAnswerThereAreNoTimes) {
  const TestSummary summary = summary_of({{CityState::kOffline, {}, {}}});
  EXPECT_EQ(summary.median_ttfb, std::nullopt);
  EXPECT_EQ(summary.fastest_ttfb, std::nullopt);
  EXPECT_EQ(summary.slowest_ttfb, std::nullopt);
}

}  // namespace
}  // namespace firstbyte::history_test
