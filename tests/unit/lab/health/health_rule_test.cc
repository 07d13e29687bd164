#include "lab/health/health_rule.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace firstbyte::health {
namespace {

// '+' is a good round, '-' a bad one. What each changed: 'U', 'D' or '.' for nothing.
std::string verdicts(HealthRule rule, std::string_view rounds) {
  std::string changes;
  for (const char round : rounds) {
    const auto change = rule.count(round == '+');
    changes += !change ? '.' : *change == Verdict::kUp ? 'U' : 'D';
  }
  return changes;
}

TEST(HealthRule, IsDownAfterSoManyBadRoundsInARow) {
  EXPECT_EQ(verdicts({2, 3}, "+++-+-+--"), "..U.....D");
}

TEST(HealthRule, IsUpAfterSoManyGoodRoundsInARow) {
  EXPECT_EQ(verdicts({2, 3}, "--++-++-+++"), ".D........U");
}

TEST(HealthRule, SaysAChangeOnce) {
  EXPECT_EQ(verdicts({2, 3}, "------"), ".D....");
  EXPECT_EQ(verdicts({2, 3}, "++++++"), "..U...");
}

TEST(HealthRule, KnowsNothingAtFirst) { EXPECT_EQ(verdicts({3, 3}, "+-+-++-"), "......."); }

TEST(HealthRule, ChangesWithEachRoundWhereOneIsEnough) {
  EXPECT_EQ(verdicts({1, 1}, "+-+-"), "UDUD");
}

}  // namespace
}  // namespace firstbyte::health
