#include "agent/schedule/kept_assignment.h"

#include <gmock/gmock.h>

#include <fstream>

#include "tests/fakes/temp_dir.h"

namespace firstbyte::agent {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

const Assignment kAssignment{7, {{1, "front", {.url = "https://a.example/"}, 500ms, 20ms}}};

TEST(KeptAssignment, IsThereAfterARestart) {
  const fakes::TempDir folder;
  EXPECT_EQ(KeptAssignment(folder.path()).load(), std::nullopt);
  ASSERT_TRUE(KeptAssignment(folder.path()).keep(kAssignment));
  EXPECT_EQ(KeptAssignment(folder.path()).load(), kAssignment);
}

TEST(KeptAssignment, TheLastOneCounts) {
  const fakes::TempDir folder;
  const KeptAssignment kept(folder.path());
  ASSERT_TRUE(kept.keep(kAssignment));
  ASSERT_TRUE(kept.keep({.revision = 8}));
  EXPECT_EQ(kept.load(), Assignment{.revision = 8});
}

TEST(KeptAssignment, IsItsOwnersAlone) {
  const fakes::TempDir folder;
  ASSERT_TRUE(KeptAssignment(folder.path()).keep(kAssignment));
  EXPECT_EQ(std::filesystem::status(folder / "assignment.pb").permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST(KeptAssignment, WithoutAFolderNothingIsKept) {
  const KeptAssignment kept("");
  ASSERT_TRUE(kept.keep(kAssignment));
  EXPECT_EQ(kept.load(), std::nullopt);
}

// Regression: more than a mebibyte was written, and could not be read.
TEST(KeptAssignment, ALargeOneIsThereAfterARestart) {
  const fakes::TempDir folder;
  const KeptAssignment kept(folder.path());
  Assignment large{.revision = 9};
  for (std::uint64_t id = 1; id <= 200; ++id) {
    large.checks.push_back(kAssignment.checks[0]);
    large.checks.back().id = id;
    large.checks.back().target.method = Method::kPost;
    large.checks.back().target.body = std::string(kMaxRequestBody, 'x');
  }
  ASSERT_TRUE(kept.keep(large));
  EXPECT_EQ(kept.load(), large);
}

TEST(KeptAssignment, WhatCouldNotBeReadIsNotWritten) {
  const fakes::TempDir folder;
  const KeptAssignment kept(folder.path());
  ASSERT_TRUE(kept.keep(kAssignment));
  Assignment large = kAssignment;
  large.checks[0].target.body = std::string(5 << 20, 'x');
  EXPECT_THAT(kept.keep(large).error().message, HasSubstr("up to 4194304 are kept"));
  EXPECT_EQ(kept.load(), kAssignment);
}

TEST(KeptAssignment, WhatCannotBeUsedIsSaidAndReplaced) {
  const fakes::TempDir folder;
  const KeptAssignment kept(folder.path());
  ASSERT_TRUE(kept.keep(kAssignment));
  std::ofstream(folder / "assignment.pb") << "not an assignment";
  EXPECT_THAT(kept.load().error().message, HasSubstr("assignment.pb is not an assignment"));
  Assignment wrong = kAssignment;
  wrong.checks[0].interval = 1us;
  ASSERT_TRUE(kept.keep(wrong));
  EXPECT_THAT(kept.load().error().message, HasSubstr("check.interval_us"));
  ASSERT_TRUE(kept.keep(kAssignment));
  EXPECT_EQ(kept.load(), kAssignment);
}

}  // namespace
}  // namespace firstbyte::agent
