#include "common/random_number.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>

namespace firstbyte {
namespace {

// Of 64 numbers each bit is missing in all, or set in all, once in 2^57 runs.
TEST(RandomNumber, HasSixtyFourBitsAndIsAnotherEachTime) {
  std::set<std::uint64_t> seen;
  std::uint64_t any = 0;
  std::uint64_t all = ~std::uint64_t{0};
  for (int i = 0; i < 64; ++i) {
    const std::uint64_t number = random_number();
    EXPECT_NE(number, 0U);
    seen.insert(number);
    any |= number;
    all &= number;
  }
  EXPECT_EQ(seen.size(), 64U);
  EXPECT_EQ(any, ~std::uint64_t{0});
  EXPECT_EQ(all, 0U);
}

}  // namespace
}  // namespace firstbyte
