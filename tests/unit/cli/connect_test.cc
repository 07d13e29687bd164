#include "cli/connect.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/fakes/temp_dir.h"

namespace firstbyte::cli {
namespace {

constexpr const char* kOwn = "https://own.example";
constexpr const char* kOther = "https://other.example";

std::string refused_field(const Expected<CollectorAccess>& access) {
  return access ? "accepted" : access.error().field;
}

TEST(FindCollector, PrefersTheFlagToTheVariableAndThatToTheDefault) {
  EXPECT_EQ(find_collector({.collector = kOwn}, {.collector = kOther}, {})->collector, kOwn);
  EXPECT_EQ(find_collector({}, {.collector = kOther}, {})->collector, kOther);
  EXPECT_EQ(find_collector({}, {}, {})->collector, kDefaultCollector);
}

TEST(FindCollector, TakesTheOneOfATestsAddress) {
  EXPECT_EQ(find_collector({}, {}, {{"1", kOther}, {"2", ""}})->collector, kOther);
}

TEST(FindCollector, RefusesTestsOfAnother) {
  EXPECT_EQ(refused_field(find_collector({.collector = kOwn}, {}, {{"1", kOther}})), "--collector");
  EXPECT_EQ(refused_field(find_collector({}, {}, {{"1", kOwn}, {"2", kOther}})), "--collector");
}

// Whoever has somebody compare a test of his would get the token.
TEST(FindCollector, ShowsNoTokenToACollectorThatOnlyAnAddressNamed) {
  EXPECT_EQ(refused_field(find_collector({}, {.token = "fbt_1"}, {{"1", kOther}})), "--collector");
  const auto named = find_collector({.collector = kOther}, {.token = "fbt_1"}, {{"1", kOther}});
  ASSERT_TRUE(named);
  EXPECT_EQ(named->token, "fbt_1");
}

TEST(FindCollector, RefusesATokenThatCouldBeginAnotherHeader) {
  for (const char* token : {"a\r\nX: y", "a b", "\x80"}) {
    EXPECT_EQ(refused_field(find_collector({}, {.token = token}, {})), kTokenVariable);
  }
}

TEST(FindCollector, ReadsATokenFromAFileOfItsOwnersAlone) {
  const fakes::TempDir folder;
  const std::string file = folder / "token";
  std::ofstream(file) << "fbt_file\n";
  chmod(file.c_str(), 0600);
  const auto access = find_collector({.token_file = file}, {.token = "fbt_variable"}, {});
  ASSERT_TRUE(access) << access.error().message;
  EXPECT_EQ(access->token, "fbt_file");
  chmod(file.c_str(), 0644);
  EXPECT_EQ(refused_field(find_collector({.token_file = file}, {}, {})), "--token-file");
}

}  // namespace
}  // namespace firstbyte::cli
