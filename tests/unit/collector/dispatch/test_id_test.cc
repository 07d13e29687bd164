#include "collector/dispatch/test_id.h"

#include <gtest/gtest.h>

#include <set>

namespace firstbyte::collector {
namespace {

TEST(TestId, HasThirteenCharacters) { EXPECT_EQ(random_test_id().size(), 13U); }

TEST(TestId, WhatIsMadeIsRecognised) {
  for (int i = 0; i < 200; ++i) {
    const std::string id = random_test_id();
    EXPECT_TRUE(is_test_id(id)) << id;
  }
}

TEST(TestId, NoTwoAreAlike) {
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(random_test_id());
  EXPECT_EQ(ids.size(), 1000U);
}

TEST(TestId, AnotherLengthIsNone) {
  EXPECT_FALSE(is_test_id(""));
  EXPECT_FALSE(is_test_id("0k3v9x2m7qf5"));
  EXPECT_FALSE(is_test_id("0k3v9x2m7qf5d0"));
}

TEST(TestId, LettersThatLookLikeDigitsAreNotUsed) {
  for (const char letter : {'i', 'l', 'o', 'u'}) {
    EXPECT_FALSE(is_test_id("0k3v9x2m7qf5" + std::string(1, letter))) << letter;
  }
}

TEST(TestId, AnythingElseIsNone) {
  EXPECT_FALSE(is_test_id("0K3V9X2M7QF5D"));
  EXPECT_FALSE(is_test_id("../../../etc/"));
  EXPECT_FALSE(is_test_id(std::string(13, '\0')));
}

}  // namespace
}  // namespace firstbyte::collector
