#include "collector/access/secret.h"

#include <gmock/gmock.h>

namespace firstbyte::collector {
namespace {

using testing::StartsWith;

TEST(Secret, IsItsPrefixItsNameAnd256Bits) {
  const Secret secret = make_secret(kApiTokenPrefix).value();
  EXPECT_THAT(secret.text, StartsWith("fbt_" + secret.id + "_"));
  EXPECT_EQ(secret.id.size(), 12U);
  EXPECT_EQ(secret.text.size(), 4 + 12 + 1 + 64U);
}

TEST(Secret, IsAnotherEachTime) {
  const Secret one = make_secret(kJoinTokenPrefix).value();
  const Secret other = make_secret(kJoinTokenPrefix).value();
  EXPECT_NE(one.id, other.id);
  EXPECT_NE(one.hash, other.hash);
}

TEST(Secret, ReadsAsItWasMade) {
  const Secret made = make_secret(kJoinTokenPrefix).value();
  const auto read = parse_secret(kJoinTokenPrefix, made.text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->id, made.id);
  EXPECT_EQ(read->hash, made.hash);
}

TEST(Secret, IsKeptAsTheSha256OfItsText) {
  const std::string text = "fbt_0123456789ab_" + std::string(64, '0');
  EXPECT_EQ(parse_secret("fbt_", text).value().hash,
            "063d754a98366095fecd5e65f7b865457c41602e90e44ff36ada6950118d98e6");
}

TEST(Secret, OfAnotherFormIsNone) {
  const std::string good = make_secret(kApiTokenPrefix).value().text;
  EXPECT_FALSE(parse_secret(kJoinTokenPrefix, good));
  EXPECT_FALSE(parse_secret(kApiTokenPrefix, good + "0"));
  EXPECT_FALSE(parse_secret(kApiTokenPrefix, good.substr(0, good.size() - 1)));
  EXPECT_FALSE(parse_secret(kApiTokenPrefix, ""));
  EXPECT_FALSE(parse_secret(kApiTokenPrefix, "fbt_"));
  std::string upper = good;
  upper.back() = 'A';
  EXPECT_FALSE(parse_secret(kApiTokenPrefix, upper));
  std::string unparted = good;
  unparted[16] = '0';
  EXPECT_FALSE(parse_secret(kApiTokenPrefix, unparted));
}

TEST(Secret, HashesAreTheSameOnlyWhenAllOfThemIs) {
  EXPECT_TRUE(same_hash("abc", "abc"));
  EXPECT_FALSE(same_hash("abc", "abd"));
  EXPECT_FALSE(same_hash("abc", "ab"));
  EXPECT_FALSE(same_hash("", "a"));
}

}  // namespace
}  // namespace firstbyte::collector
