// Whatever lies where the spool should.

#include "agent/spool/open_spool.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "tests/fakes/spool_measurements.h"
#include "tests/fakes/temp_dir.h"

namespace firstbyte::agent {
namespace {

using fakes::kNoon;
using testing::ElementsAre;

constexpr WallTime kNow = kNoon + std::chrono::hours{1};
// That is when it is put aside, by its name.
constexpr const char* kAside = "spool.2026-09-21T15-13-20.000000Z.db";

class OpenSpoolTest : public testing::Test {
 protected:
  std::unique_ptr<SpoolFile> open() {
    auto opened = open_spool(path_, {}, kNow);
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? *std::move(opened) : nullptr;
  }
  // A spool with so many results, closed.
  void fill(int count) {
    const auto spool = open();
    fakes::CdnResults cdn;
    for (int i = 0; i < count; ++i) {
      const EncodedResult one = encode_result(cdn.next(kNoon));
      ASSERT_TRUE(spool->write({.results = {&one, 1}, .now = kNoon}));
    }
  }
  std::string content(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  }
  std::vector<std::string> names() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      names.push_back(entry.path().filename());
    }
    std::ranges::sort(names);
    return names;
  }
  // A new spool works, and what was there is kept byte for byte under another name.
  void expect_put_aside(std::uint64_t lost) {
    const std::string before = content(path_);
    const auto spool = open();
    ASSERT_TRUE(spool);
    EXPECT_EQ(content(folder_ / kAside), before);
    EXPECT_EQ(spool->state().set_aside_at, kNow);
    EXPECT_EQ(spool->state().lost, lost);
    const EncodedResult one = encode_result(fakes::spooled("1"));
    ASSERT_TRUE(spool->write({.results = {&one, 1}, .now = kNow}));
    const auto records = spool->after(0, 9, 1 << 20).value();
    EXPECT_EQ(records.back().sequence, lost + 1);
    if (lost == 0) return;
    EXPECT_EQ(std::get<Gap>(records.front().body),
              (Gap{1, lost, GapReason::kSpoolUnreadable, kNow}));
  }
  void execute(const std::string& sql) {
    ASSERT_TRUE(Database::open(path_, Database::Access::kReadWrite).value().execute(sql));
  }

  fakes::TempDir folder_;
  const std::string path_ = folder_ / "spool.db";
};

TEST_F(OpenSpoolTest, MakesOneWhereThereIsNone) {
  const auto spool = open();
  EXPECT_EQ(spool->state().last_sequence, 0U);
  EXPECT_EQ(spool->state().set_aside_at, std::nullopt);
}

TEST_F(OpenSpoolTest, OpensTheOneThatIsThere) {
  const std::uint64_t boot = open()->state().boot;
  EXPECT_EQ(open()->state().boot, boot);
  EXPECT_THAT(names(), ElementsAre("spool.db"));
}

TEST_F(OpenSpoolTest, PutsAsideWhatIsNoDatabase) {
  folder_.write("spool.db", std::string(9'000, 'x'));
  expect_put_aside(0);
}

TEST_F(OpenSpoolTest, PutsAsideWhatIsEmpty) {
  folder_.write("spool.db", "");
  expect_put_aside(0);
}

TEST_F(OpenSpoolTest, PutsAsideADatabaseOfAnotherProgram) {
  ASSERT_TRUE(
      Database::open(path_, Database::Access::kCreate)
          .value()
          .execute("CREATE TABLE record (sequence, reason); INSERT INTO record VALUES (1, NULL)"));
  expect_put_aside(0);
}

TEST_F(OpenSpoolTest, PutsAsideASpoolOfALaterVersionAndSaysWhatIsInIt) {
  fill(5);
  execute("PRAGMA user_version=99");
  expect_put_aside(5);
}

// Regression: what was in gaps that were never delivered was forgotten with the spool.
TEST_F(OpenSpoolTest, WhatGoesWithASpoolIsWhatWasInItsGapsAsWell) {
  fill(2);
  ASSERT_TRUE(open()->write({.overflowed = 7, .now = kNoon}));
  execute("PRAGMA user_version=99");
  expect_put_aside(9);
}

TEST_F(OpenSpoolTest, PutsAsideASpoolThatWasCutShort) {
  fill(300);
  const auto whole = std::filesystem::file_size(path_);
  for (const std::uintmax_t part :
       {whole - 1, whole / 2, std::uintmax_t{5'000}, std::uintmax_t{50}}) {
    std::filesystem::resize_file(path_, part);
    const std::string before = content(path_);
    {
      const auto spool = open_spool(path_, {}, kNow + Micros{static_cast<std::int64_t>(part)});
      ASSERT_TRUE(spool) << spool.error().message;
      EXPECT_TRUE((*spool)->state().set_aside_at) << part;
      EXPECT_LE((*spool)->state().lost, 300U);
    }
    // For the next round.
    std::filesystem::remove(path_);
    std::ofstream(path_, std::ios::binary) << before;
  }
  EXPECT_EQ(names().size(), kKeptAside + 1) << testing::PrintToString(names());
}

TEST_F(OpenSpoolTest, CountsTheResultsBeforeThoseThatAreBroken) {
  fill(300);
  {
    std::fstream file(path_, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(path_)) - 3 * 4096);
    file << std::string(3 * 4096, '\xff');
  }
  const auto spool = open();
  EXPECT_TRUE(spool->state().set_aside_at);
  EXPECT_GT(spool->state().lost, 100U);
  EXPECT_LT(spool->state().lost, 300U);
}

TEST_F(OpenSpoolTest, PutsAsideASpoolThatLostItsName) {
  fill(2);
  execute("DELETE FROM spool");
  expect_put_aside(2);
}

TEST_F(OpenSpoolTest, PutsAsideASpoolWithoutItsTables) {
  fill(2);
  execute("DROP TABLE dictionary");
  expect_put_aside(2);
}

TEST_F(OpenSpoolTest, PutsAsideASpoolThatHoldsWhatItNeverNumbered) {
  fill(2);
  execute("UPDATE spool SET last_sequence = 1");
  expect_put_aside(2);
}

TEST_F(OpenSpoolTest, PutsAFolderAside) {
  std::filesystem::create_directory(path_);
  folder_.write("spool.db/inside", "kept");
  EXPECT_TRUE(open()->state().set_aside_at);
  EXPECT_EQ(content(folder_ / (std::string(kAside) + "/inside")), "kept");
}

TEST_F(OpenSpoolTest, PutsALogWithoutItsDatabaseAside) {
  folder_.write("spool.db-wal", "log");
  EXPECT_TRUE(open()->state().set_aside_at);
  EXPECT_EQ(content(folder_ / (std::string(kAside) + "-wal")), "log");
}

TEST_F(OpenSpoolTest, PutsAsideTwiceAtTheSameTimeUnderTwoNames) {
  for (int i = 0; i < 2; ++i) {
    folder_.write("spool.db", "broken " + std::to_string(i));
    open();
  }
  EXPECT_EQ(content(folder_ / kAside), "broken 0");
  EXPECT_EQ(content(folder_ / "spool.2026-09-21T15-13-20.000001Z.db"), "broken 1");
}

// Regression: a disk that spoiled one after the other was filled with them.
TEST_F(OpenSpoolTest, KeepsTheNewestOfThosePutAside) {
  folder_.write("spool.1999.db", "not by us");
  for (std::size_t i = 0; i < kKeptAside + 2; ++i) {
    folder_.write("spool.db", "broken " + std::to_string(i));
    folder_.write("spool.db-journal", "its log");
    ASSERT_TRUE(open_spool(path_, {}, kNow + Micros{static_cast<std::int64_t>(i)}));
  }
  EXPECT_THAT(names(), testing::IsSupersetOf({"spool.1999.db", "spool.db"}));
  EXPECT_FALSE(std::filesystem::exists(folder_ / kAside));
  EXPECT_FALSE(std::filesystem::exists(folder_ / (std::string(kAside) + "-journal")));
  for (const char micros : {'2', '3', '4'}) {
    EXPECT_EQ(content(folder_ / fmt::format("spool.2026-09-21T15-13-20.00000{}Z.db", micros)),
              fmt::format("broken {}", micros));
  }
}

// What was put aside while the clock was ahead looks newer than it is.
TEST_F(OpenSpoolTest, KeepsTheOneThatIsPutAsideNowWhateverTheOthersAreCalled) {
  for (int i = 0; i < 4; ++i) {
    folder_.write(fmt::format("spool.2099-09-21T15-13-20.00000{}Z.db", i), "later");
  }
  folder_.write("spool.db", "broken");
  open();
  EXPECT_EQ(content(folder_ / kAside), "broken");
}

TEST_F(OpenSpoolTest, FinishesAReplacementThatWasInterrupted) {
  ASSERT_TRUE(SpoolFile::create(path_ + ".next", SpoolFile::Heir{kNoon, 7}));
  const auto spool = open();
  EXPECT_EQ(spool->state().set_aside_at, kNoon);
  EXPECT_EQ(spool->state().lost, 7U);
  EXPECT_THAT(names(), testing::Contains("spool.db"));
}

TEST_F(OpenSpoolTest, LeavesNothingBehindOfACreationThatWasInterrupted) {
  folder_.write("spool.db.new", "half of it");
  EXPECT_TRUE(open());
  EXPECT_THAT(names(), testing::Not(testing::Contains("spool.db.new")));
}

TEST_F(OpenSpoolTest, AFolderThatIsNotThereIsNoReasonToPutAnythingAside) {
  const auto spool = open_spool(folder_ / "missing/spool.db", {}, kNow);
  ASSERT_FALSE(spool);
  EXPECT_EQ(spool.error().kind, Error::Kind::kTransient);
}

}  // namespace
}  // namespace firstbyte::agent
