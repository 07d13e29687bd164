#include "collector/lifetime.h"

#include <gtest/gtest.h>

namespace firstbyte::collector {
namespace {

using namespace std::chrono_literals;

TEST(Lifetime, IsANumberAndAUnit) {
  EXPECT_EQ(parse_lifetime("45s", "--expires"), 45s);
  EXPECT_EQ(parse_lifetime("10m", "--expires"), 10min);
  EXPECT_EQ(parse_lifetime("1h", "--expires"), 1h);
  EXPECT_EQ(parse_lifetime("3650d", "--expires"), std::chrono::days{3650});
}

TEST(Lifetime, OfAnotherFormNamesTheFlag) {
  for (const char* text : {"", "1", "h", "1w", "1 h", "1h30m", "0s", "-1h", "3651d", "99999999999d",
                           "99999999999999999999s", "1.5h"}) {
    const auto parsed = parse_lifetime(text, "--expires");
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().field, "--expires") << text;
    EXPECT_EQ(parsed.error().kind, Error::Kind::kInvalid) << text;
  }
}

}  // namespace
}  // namespace firstbyte::collector
