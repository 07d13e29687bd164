#include "agent/spool/packing.h"

#include <gtest/gtest.h>

#include <random>

namespace firstbyte::agent {
namespace {

std::string noise(std::size_t size) {
  std::mt19937 random(3);
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

TEST(Packing, GivesBackWhatWasPacked) {
  for (const std::string& raw :
       {std::string(), std::string("a\0b", 3), std::string(5'000'000, 'x'), noise(100'000)}) {
    for (const std::string& dictionary : {std::string(), noise(kMaxDictionaryBytes)}) {
      EXPECT_EQ(unpack(pack(raw, dictionary), raw.size(), dictionary).value(), raw);
    }
  }
}

TEST(Packing, WhatIsInTheDictionaryTakesNextToNothing) {
  const std::string raw = noise(2'000);
  EXPECT_LT(pack(raw, noise(2'000)).size(), 60U);
  EXPECT_GT(pack(raw, {}).size(), 2'000U);
}

TEST(Packing, ReachesBackOverAWholeDictionary) {
  const std::string dictionary = noise(kMaxDictionaryBytes);
  EXPECT_LT(pack(dictionary.substr(0, 1'000), dictionary).size(), 60U);
}

TEST(Packing, WhatIsNotAsItWasPackedIsDamage) {
  const std::string raw = noise(500);
  const std::string packed = pack(raw, "dictionary");
  const std::string cut = packed.substr(0, packed.size() - 9);
  for (const auto& unpacked :
       {unpack(cut, raw.size(), "dictionary"), unpack(packed, raw.size() - 1, "dictionary"),
        unpack(packed, raw.size() + 1, "dictionary"), unpack("", 5, {})}) {
    ASSERT_FALSE(unpacked);
    EXPECT_EQ(unpacked.error().kind, Error::Kind::kFatal);
  }
}

}  // namespace
}  // namespace firstbyte::agent
