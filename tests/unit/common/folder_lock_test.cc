#include "common/folder_lock.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <optional>
#include <string>

#include "tests/fakes/temp_dir.h"

namespace firstbyte {
namespace {

std::string refusal(const std::filesystem::path& folder) {
  const auto lock = FolderLock::take(folder, "agent");
  if (lock) return "taken";
  EXPECT_EQ(lock.error().kind, Error::Kind::kFatal);
  EXPECT_EQ(lock.error().field, "--data-dir");
  return lock.error().message;
}

bool is_free(const std::filesystem::path& folder) { return refusal(folder) == "taken"; }

TEST(FolderLock, MakesTheFolder) {
  const fakes::TempDir temp;
  EXPECT_TRUE(FolderLock::take(temp.path() / "a" / "b", "agent"));
  EXPECT_TRUE(std::filesystem::exists(temp.path() / "a" / "b" / "agent.lock"));
}

TEST(FolderLock, RefusesASecondHolderAndSaysWhoTheFirstIs) {
  const fakes::TempDir temp;
  const auto first = FolderLock::take(temp.path(), "agent");
  ASSERT_TRUE(first);
  EXPECT_EQ(refusal(temp.path()),
            fmt::format("{} is in use by another agent (pid {})", temp.path().string(), getpid()));
}

TEST(FolderLock, SaysWhoTheFirstIsHoweverManyAsk) {
  const fakes::TempDir temp;
  const auto first = FolderLock::take(temp.path(), "agent");
  EXPECT_EQ(refusal(temp.path()), refusal(temp.path()));
}

TEST(FolderLock, LetsAnAgentAndACollectorShareAFolder) {
  const fakes::TempDir temp;
  const auto agent = FolderLock::take(temp.path(), "agent");
  EXPECT_TRUE(FolderLock::take(temp.path(), "collector"));
}

TEST(FolderLock, IsFreeAgainOnceItsHolderIsGone) {
  const fakes::TempDir temp;
  {
    const auto first = FolderLock::take(temp.path(), "agent");
    ASSERT_FALSE(is_free(temp.path()));
  }
  EXPECT_TRUE(is_free(temp.path()));
}

TEST(FolderLock, IsHeldByWhatItWasMovedInto) {
  const fakes::TempDir temp;
  std::optional<FolderLock> kept;
  {
    auto first = FolderLock::take(temp.path(), "agent");
    kept.emplace(*std::move(first));
  }
  EXPECT_FALSE(is_free(temp.path()));
  kept.reset();
  EXPECT_TRUE(is_free(temp.path()));
}

TEST(FolderLock, RefusesAFolderThatCannotBeMade) {
  const fakes::TempDir temp;
  const std::string file = temp.write("file", "in the way");
  EXPECT_NE(refusal(file + "/folder").find(file), std::string::npos);
}

TEST(FolderLock, RefusesALockFileThatCannotBeWritten) {
  const fakes::TempDir temp;
  std::filesystem::create_directory(temp.path() / "agent.lock");
  EXPECT_NE(refusal(temp.path()).find(temp / "agent.lock"), std::string::npos);
}

TEST(FolderLock, RefusesAFolderMarkedReadOnlyEvenAsRoot) {
  const fakes::TempDir temp;
  std::filesystem::permissions(temp.path(), std::filesystem::perms::owner_write,
                               std::filesystem::perm_options::remove);
  EXPECT_NE(refusal(temp.path()).find("Permission denied"), std::string::npos);
  std::filesystem::permissions(temp.path(), std::filesystem::perms::owner_write,
                               std::filesystem::perm_options::add);
}

}  // namespace
}  // namespace firstbyte
