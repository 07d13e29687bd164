#include "agent/spool/sqlite_spool.h"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "proto/codec.h"
#include "tests/fakes/collector_wait.h"
#include "tests/fakes/manual_clock.h"
#include "tests/fakes/spool_measurements.h"
#include "tests/fakes/temp_dir.h"

namespace firstbyte::agent {
namespace {

using fakes::eventually;
using fakes::spooled;
using testing::HasSubstr;
using namespace std::chrono_literals;

class SqliteSpoolTest : public testing::Test {
 protected:
  SqliteSpoolTest() { reopen(); }

  void reopen() {
    spool_ = nullptr;
    auto opened = SqliteSpool::open(options_, clock_);
    ASSERT_TRUE(opened) << opened.error().message;
    spool_ = *std::move(opened);
  }
  void append(int count) {
    for (int i = 0; i < count; ++i) spool_->append(spooled(std::to_string(i), clock_.wall()));
    ASSERT_TRUE(spool_->flush(10s));
  }
  std::vector<SpooledRecord> after(std::uint64_t sequence) {
    return spool_->after(spool_->boot(), sequence, 10'000, 1 << 24);
  }
  void acknowledge(std::uint64_t sequence) { spool_->acknowledge(spool_->boot(), sequence); }
  std::uint64_t last() { return spool_->last_sequence(spool_->boot()); }

  fakes::TempDir folder_;
  fakes::ManualClock clock_;
  SqliteSpool::Options options_{.file = folder_ / "spool.db"};
  std::unique_ptr<SqliteSpool> spool_;
};

TEST_F(SqliteSpoolTest, KeepsWhatItWasGiven) {
  append(2);
  const auto records = after(0);
  ASSERT_EQ(records.size(), 2U);
  v1::Measurement message;
  ASSERT_TRUE(message.ParseFromString(std::get<std::string>(records[1].body)));
  EXPECT_EQ(decode(message).value(), spooled("1", clock_.wall()));
}

TEST_F(SqliteSpoolTest, ShowsNothingThatIsNotDurable) {
  spool_->append(spooled("1"));
  // Whenever one sees it, another process would as well.
  while (after(0).empty()) std::this_thread::yield();
  EXPECT_EQ(last(), 1U);
  spool_ = nullptr;
  EXPECT_EQ(SpoolFile::open(options_.file, {}).value()->state().last_sequence, 1U);
}

TEST_F(SqliteSpoolTest, TellsThatThereIsSomethingNew) {
  std::atomic<int> told{0};
  spool_->on_change([&] { ++told; });
  append(1);
  EXPECT_TRUE(eventually([&] { return told >= 1; }));
  spool_->on_change(nullptr);
  const int before = told;
  append(1);
  EXPECT_EQ(told, before);
}

TEST_F(SqliteSpoolTest, IsTheSameAfterANewStart) {
  append(3);
  acknowledge(2);
  const std::uint64_t boot = spool_->boot();
  reopen();
  EXPECT_EQ(spool_->boot(), boot);
  EXPECT_EQ(spool_->status().results, 1U);
  append(1);
  EXPECT_EQ(after(2).back().sequence, 4U);
}

TEST_F(SqliteSpoolTest, ReportsHowItIs) {
  const WallTime first = clock_.wall();
  append(1);
  clock_.advance(1min);
  append(2);
  SpoolStatus status = spool_->status();
  EXPECT_EQ(status.results, 3U);
  EXPECT_EQ(status.oldest_measured_at, first);
  EXPECT_GT(status.bytes, 4'096U);
  EXPECT_EQ(status.lost, 0U);
  EXPECT_EQ(status.error, "");
  EXPECT_EQ(status.set_aside_at, std::nullopt);
  acknowledge(3);
  status = spool_->status();
  EXPECT_EQ(status.results, 0U);
  EXPECT_EQ(status.oldest_measured_at, std::nullopt);
}

TEST_F(SqliteSpoolTest, IsEmptyOnceAllIsAcknowledged) {
  EXPECT_TRUE(spool_->is_empty());
  spool_->append(spooled("1"));
  EXPECT_FALSE(spool_->is_empty());
  ASSERT_TRUE(spool_->flush(10s));
  EXPECT_FALSE(spool_->is_empty());
  acknowledge(1);
  EXPECT_TRUE(spool_->is_empty());
}

TEST_F(SqliteSpoolTest, ForgetsWhatIsAcknowledgedWithinASecondOrTwo) {
  append(3);
  acknowledge(3);
  EXPECT_TRUE(eventually([&] { return after(0).empty(); }));
}

TEST_F(SqliteSpoolTest, BelievesNoAcknowledgementOfWhatItNeverGave) {
  append(1);
  acknowledge(99);
  append(1);
  EXPECT_EQ(spool_->status().results, 1U);
}

TEST_F(SqliteSpoolTest, NothingIsOfAnotherBoot) {
  append(2);
  const std::uint64_t other = spool_->boot() + 1;
  EXPECT_EQ(spool_->last_sequence(other), 0U);
  EXPECT_TRUE(spool_->after(other, 0, 10, 1'000).empty());
  spool_->acknowledge(other, 2);
  spool_->renew(other, 9);
  append(1);
  EXPECT_EQ(spool_->status().results, 3U);
  EXPECT_EQ(last(), 3U);
}

TEST_F(SqliteSpoolTest, UnderANewNameItHasWhatWasNotSent) {
  append(3);
  EXPECT_EQ(spool_->after(spool_->boot(), 0, 2, 1'000).size(), 2U);  // sent
  const std::uint64_t boot = spool_->boot();
  spool_->renew(boot, 9);
  ASSERT_TRUE(eventually([&] { return spool_->boot() != boot; }));
  EXPECT_EQ(last(), 1U);
  append(1);
  EXPECT_EQ(after(0).size(), 2U);
  EXPECT_FALSE(spool_->is_empty());
  acknowledge(2);
  EXPECT_TRUE(spool_->is_empty());
}

// Regression: it was taken for delivered.
TEST_F(SqliteSpoolTest, UnderANewNameItHasWhatWasSentAndNotCommitted) {
  append(3);
  EXPECT_EQ(spool_->after(spool_->boot(), 0, 2, 1'000).size(), 2U);
  const std::uint64_t boot = spool_->boot();
  spool_->renew(boot, 1);
  ASSERT_TRUE(eventually([&] { return spool_->boot() != boot; }));
  EXPECT_EQ(last(), 2U);
}

// Regression: what had been acknowledged, though never sent by this process, left a hole.
TEST_F(SqliteSpoolTest, UnderANewNameItHasNothingThatWasAcknowledged) {
  append(3);
  acknowledge(2);
  const std::uint64_t boot = spool_->boot();
  spool_->renew(boot, 9);
  ASSERT_TRUE(eventually([&] { return spool_->boot() != boot; }));
  EXPECT_EQ(last(), 1U);
  EXPECT_EQ(after(0).size(), 1U);
}

TEST_F(SqliteSpoolTest, KnowsWhatACollectorCanHave) {
  append(3);
  reopen();
  EXPECT_EQ(spool_->may_have_left(spool_->boot()), 3U);
  append(4);
  EXPECT_EQ(spool_->may_have_left(spool_->boot()), 3U);
  after(0);
  EXPECT_EQ(spool_->may_have_left(spool_->boot()), 7U);
  EXPECT_EQ(spool_->may_have_left(spool_->boot() + 1), 0U);
}

TEST_F(SqliteSpoolTest, KnowsHowManyWereMeasured) {
  append(3);
  EXPECT_TRUE(eventually([&] { return spool_->last_measured(spool_->boot()) == 3; }));
  for (int i = 0; i < 50; ++i) {
    spool_->append(spooled("t"));
    EXPECT_GE(spool_->last_measured(spool_->boot()), 4U + static_cast<std::uint64_t>(i));
  }
  EXPECT_EQ(spool_->last_measured(spool_->boot() + 1), 0U);
}

// ---- age

class SpoolAgeTest : public SqliteSpoolTest {
 protected:
  SpoolAgeTest() {
    options_.bounds.max_age = 1h;
    reopen();
  }
  std::uint64_t lost() { return spool_->status().lost; }
};

// Regression: all that was spooled was given up as too old.
TEST_F(SpoolAgeTest, AClockSetForwardMakesNothingOld) {
  append(3);
  clock_.step_wall(48h);
  append(1);
  EXPECT_EQ(lost(), 0U);
  EXPECT_EQ(after(0).size(), 4U);
  clock_.advance(61min);
  append(1);
  EXPECT_EQ(lost(), 3U);
}

// Regression: it was given up as too old when the clock was set between its probe and the spool.
TEST_F(SpoolAgeTest, AClockSetForwardMakesNothingOldThatIsBeingSpooled) {
  const Measurement measured = spooled("0", clock_.wall());
  clock_.step_wall(25h);
  spool_->append(measured);
  append(1);
  EXPECT_EQ(lost(), 0U);
  EXPECT_EQ(after(0).size(), 2U);
  clock_.advance(61min);
  append(1);
  EXPECT_EQ(lost(), 1U);
}

TEST_F(SpoolAgeTest, NorDoesTheTimeInWhichTheAgentDidNotRun) {
  append(3);
  clock_.advance(48h);
  reopen();
  append(1);
  EXPECT_EQ(lost(), 0U);
  clock_.advance(61min);
  append(1);
  EXPECT_EQ(lost(), 3U);
}

// Regression: the age counted on from the latest result, which had been measured after the step.
TEST_F(SpoolAgeTest, AClockSetForwardMakesNothingOldAfterANewStart) {
  append(3);
  clock_.step_wall(25h);
  append(1);
  reopen();
  append(1);
  EXPECT_EQ(lost(), 0U);
  EXPECT_EQ(after(0).size(), 5U);
  clock_.advance(61min);
  append(1);
  EXPECT_EQ(lost(), 3U);
}

TEST_F(SpoolAgeTest, OnceAllIsDeliveredAgeIsByTheWallClockAgain) {
  append(3);
  clock_.step_wall(48h);
  append(1);
  acknowledge(4);
  append(1);
  clock_.advance(61min);
  append(1);
  EXPECT_EQ(lost(), 1U);
}

TEST_F(SpoolAgeTest, AClockSetBackMakesNothingOld) {
  append(1);
  clock_.step_wall(-48h);
  append(3);
  clock_.advance(30min);
  append(1);
  EXPECT_EQ(lost(), 0U);
}

TEST_F(SqliteSpoolTest, NumbersEachResultOnceWhicheverThreadItComesFrom) {
  constexpr int kEach = 500;
  const auto produce = [&] {
    for (int i = 0; i < kEach; ++i) spool_->append(spooled("t"));
  };
  std::thread first(produce);
  std::thread second(produce);
  first.join();
  second.join();
  ASSERT_TRUE(spool_->flush(10s));
  const auto records = after(0);
  ASSERT_EQ(records.size(), 2U * kEach);
  for (std::size_t i = 0; i < records.size(); ++i) ASSERT_EQ(records[i].sequence, i + 1);
}

TEST_F(SqliteSpoolTest, WritesWhatWaitsWhenItIsDestroyed) {
  for (int i = 0; i < 100; ++i) spool_->append(spooled("t"));
  reopen();
  EXPECT_EQ(last(), 100U);
}

// Regression of the first draft: a file that is sound to SQLite held a result that could not be
// unpacked, was opened anew for ever, and nothing behind that result was ever delivered.
TEST_F(SqliteSpoolTest, ReplacesAFileWithAResultThatCannotBeRead) {
  append(5);
  spool_ = nullptr;
  ASSERT_TRUE(Database::open(options_.file, Database::Access::kReadWrite)
                  .value()
                  .execute("UPDATE record SET bytes = 'x' WHERE sequence = 3"));
  reopen();
  const std::uint64_t boot = spool_->boot();
  EXPECT_TRUE(after(0).empty());
  ASSERT_TRUE(eventually([&] { return spool_->boot() != boot; }));
  EXPECT_EQ(spool_->status().set_aside_at, clock_.wall());
  const auto records = after(0);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(std::get<Gap>(records[0].body),
            (Gap{1, 5, GapReason::kSpoolUnreadable, clock_.wall()}));
  append(1);
  EXPECT_EQ(after(5).size(), 1U);
}

// Regression: results that the collector had already were counted as lost with the spool.
TEST_F(SqliteSpoolTest, WhatIsLostWithABrokenFileIsWhatWasNotAcknowledged) {
  append(5);
  spool_ = nullptr;
  ASSERT_TRUE(Database::open(options_.file, Database::Access::kReadWrite)
                  .value()
                  .execute("UPDATE record SET bytes = 'x' WHERE sequence = 5"));
  reopen();
  const std::uint64_t boot = spool_->boot();
  acknowledge(3);
  EXPECT_TRUE(after(3).size() < 2);
  EXPECT_TRUE(after(4).empty());
  ASSERT_TRUE(eventually([&] { return spool_->boot() != boot; }));
  const auto records = after(0);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(std::get<Gap>(records[0].body),
            (Gap{1, 2, GapReason::kSpoolUnreadable, clock_.wall()}));
}

TEST_F(SqliteSpoolTest, WithoutAFileItIsTheSameAndGoneAtTheEnd) {
  options_.file.clear();
  reopen();
  append(3);
  EXPECT_EQ(after(1).size(), 2U);
  EXPECT_GT(spool_->status().bytes, 0U);
  reopen();
  EXPECT_EQ(last(), 0U);
}

TEST_F(SqliteSpoolTest, AFolderThatIsNotThereIsRefusedByItsFlag) {
  const auto spool = SqliteSpool::open({.file = folder_ / "missing/spool.db"}, clock_);
  ASSERT_FALSE(spool);
  EXPECT_EQ(spool.error().field, "--data-dir");
  EXPECT_THAT(spool.error().message, HasSubstr("missing/spool.db cannot be opened: "));
}

}  // namespace
}  // namespace firstbyte::agent
