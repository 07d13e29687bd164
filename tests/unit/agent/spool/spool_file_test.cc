#include "agent/spool/spool_file.h"

#include <gmock/gmock.h>

#include "proto/codec.h"
#include "tests/fakes/spool_measurements.h"
#include "tests/fakes/temp_dir.h"

namespace firstbyte::agent {
namespace {

using fakes::kNoon;
using fakes::spooled;
using testing::ElementsAre;
using namespace std::chrono_literals;

// "7" for the result 7, "3-6 spool_full" for a gap.
std::vector<std::string> told(const std::vector<SpooledRecord>& records) {
  std::vector<std::string> texts;
  for (const SpooledRecord& record : records) {
    const Gap* gap = std::get_if<Gap>(&record.body);
    texts.push_back(gap == nullptr ? std::to_string(record.sequence)
                                   : std::to_string(gap->first) + "-" + std::to_string(gap->last) +
                                         " " + std::string(to_string(gap->reason)));
  }
  return texts;
}

class SpoolFileTest : public testing::Test {
 protected:
  SpoolFileTest() {
    EXPECT_TRUE(SpoolFile::create(path_, {}));
    reopen();
  }

  void reopen(SpoolFile::Bounds bounds = {}) {
    file_ = nullptr;
    auto opened = SpoolFile::open(path_, bounds);
    ASSERT_TRUE(opened) << opened.error().message;
    file_ = *std::move(opened);
  }
  void write(SpoolFile::Turn turn) {
    if (turn.now == WallTime{}) turn.now = kNoon;
    const auto done = file_->write(turn);
    ASSERT_TRUE(done) << done.error().message;
  }
  void append(int count, WallTime measured_at = kNoon, std::uint64_t overflowed = 0) {
    std::vector<EncodedResult> results;
    for (int i = 0; i < count; ++i) {
      results.push_back(encode_result(spooled(std::to_string(++given_), measured_at)));
    }
    write({.overflowed = overflowed, .results = results, .now = measured_at});
  }
  void acknowledge(std::uint64_t sequence) { write({.acknowledged = sequence}); }
  std::vector<std::string> after(std::uint64_t sequence, std::size_t most = 1000,
                                 std::size_t most_bytes = 1 << 20) {
    return told(file_->after(sequence, most, most_bytes).value());
  }
  const SpoolFile::State& state() { return file_->state(); }

  fakes::TempDir folder_;
  const std::string path_ = folder_ / "spool.db";
  std::unique_ptr<SpoolFile> file_;
  int given_ = 0;
};

TEST_F(SpoolFileTest, NumbersFromOneWithoutHoles) {
  append(2);
  append(1);
  EXPECT_THAT(after(0), ElementsAre("1", "2", "3"));
  EXPECT_EQ(state().last_sequence, 3U);
}

TEST_F(SpoolFileTest, KeepsResultsAsTheyWere) {
  fakes::CdnResults cdn;
  std::vector<EncodedResult> results;
  for (int i = 0; i < 40; ++i) results.push_back(encode_result(cdn.next(kNoon)));
  // In two turns, so that some are packed without and some with a dictionary.
  write({.results = std::span(results).first(20)});
  write({.results = std::span(results).last(20)});
  reopen();
  const auto records = file_->after(0, 100, 1 << 20).value();
  ASSERT_EQ(records.size(), results.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    EXPECT_EQ(std::get<std::string>(records[i].body), results[i].bytes);
  }
}

TEST_F(SpoolFileTest, GivesNoMoreThanItIsAskedFor) {
  append(5);
  EXPECT_THAT(after(1, 2), ElementsAre("2", "3"));
  EXPECT_THAT(after(5), ElementsAre());
  EXPECT_THAT(after(99), ElementsAre());
}

TEST_F(SpoolFileTest, GivesOneResultHoweverFewBytesAreAskedFor) {
  append(3);
  EXPECT_THAT(after(0, 100, 1), ElementsAre("1"));
}

TEST_F(SpoolFileTest, ForgetsWhatIsAcknowledged) {
  append(3);
  acknowledge(2);
  EXPECT_THAT(after(0), ElementsAre("3"));
  EXPECT_EQ(state().results, 1U);
  acknowledge(1);
  acknowledge(3);
  EXPECT_THAT(after(0), ElementsAre());
}

TEST_F(SpoolFileTest, CountsOnAfterANewStartThoughAllIsAcknowledged) {
  append(3);
  acknowledge(3);
  const std::uint64_t boot = state().boot;
  reopen();
  EXPECT_EQ(state().boot, boot);
  append(1);
  EXPECT_THAT(after(0), ElementsAre("4"));
}

TEST_F(SpoolFileTest, KnowsAfterANewStartWhatItHolds) {
  append(2, kNoon);
  append(2, kNoon + 1min);
  acknowledge(2);
  reopen();
  EXPECT_EQ(state().results, 2U);
  EXPECT_EQ(state().oldest_measured_at, kNoon + 1min);
  EXPECT_EQ(file_->before_first(), 2U);
  append(1, kNoon + 2min);
  reopen();
  EXPECT_EQ(state().age_at, kNoon + 2min);
  acknowledge(5);
  reopen();
  EXPECT_EQ(state().oldest_measured_at, std::nullopt);
  EXPECT_EQ(file_->before_first(), 5U);
}

TEST_F(SpoolFileTest, KnowsAfterANewStartHowFarAgesWereJudged) {
  write({.now = kNoon + 48h, .age_now = kNoon + 1h});
  reopen();
  EXPECT_EQ(state().age_at, kNoon + 1h);
}

TEST_F(SpoolFileTest, OpensASpoolOfVersion1) {
  append(2, kNoon);
  append(1, kNoon + 1min);
  file_ = nullptr;
  ASSERT_TRUE(Database::open(path_, Database::Access::kReadWrite)
                  .value()
                  .execute("ALTER TABLE spool DROP COLUMN age_at; PRAGMA user_version=1"));
  reopen();
  EXPECT_THAT(after(0), ElementsAre("1", "2", "3"));
  EXPECT_EQ(state().age_at, kNoon);
  append(1, kNoon + 2min);
  reopen();
  EXPECT_THAT(after(0), ElementsAre("1", "2", "3", "4"));
  EXPECT_EQ(state().age_at, kNoon + 2min);
}

TEST_F(SpoolFileTest, HasANameOfItsOwn) {
  ASSERT_TRUE(SpoolFile::create(folder_ / "other.db", {}));
  const auto other = SpoolFile::open(folder_ / "other.db", {}).value();
  EXPECT_NE(other->state().boot, state().boot);
  EXPECT_NE(state().boot, 0U);
}

// ---- gaps

TEST_F(SpoolFileTest, WhatOverflowedBecomesAGapInItsPlace) {
  append(2);
  append(2, kNoon, 3);
  EXPECT_THAT(after(0), ElementsAre("1", "2", "3-5 spool_write_failed", "6", "7"));
  EXPECT_EQ(state().lost, 3U);
}

TEST_F(SpoolFileTest, GapsOfTheSameCauseAreOne) {
  write({.overflowed = 2});
  write({.overflowed = 3});
  EXPECT_THAT(after(0), ElementsAre("1-5 spool_write_failed"));
  EXPECT_EQ(state().lost, 5U);
}

TEST_F(SpoolFileTest, AGapIsAcknowledgedLikeAResult) {
  write({.overflowed = 2});
  append(1);
  acknowledge(2);
  EXPECT_THAT(after(0), ElementsAre("3"));
}

TEST_F(SpoolFileTest, AGapThatGrewSinceItWasSentBeginsBehindWhatWasSent) {
  write({.overflowed = 2});
  write({.overflowed = 3});
  EXPECT_THAT(after(2), ElementsAre("3-5 spool_write_failed"));
}

TEST_F(SpoolFileTest, WhatIsTooOldGoesAndIsAGap) {
  reopen({.max_age = 1h});
  append(3, kNoon);
  append(2, kNoon + 30min);
  append(1, kNoon + 61min);
  EXPECT_THAT(after(0), ElementsAre("1-3 spool_too_old", "4", "5", "6"));
  append(1, kNoon + 92min);
  EXPECT_THAT(after(0), ElementsAre("1-5 spool_too_old", "6", "7"));
  EXPECT_EQ(state().lost, 5U);
  EXPECT_EQ(state().results, 2U);
  const auto gap = std::get<Gap>(file_->after(0, 1, 1).value().front().body);
  EXPECT_EQ(gap.recorded_at, kNoon + 92min);
}

TEST_F(SpoolFileTest, AgeIsLookedAtInSteps) {
  reopen({.max_age = 24h});
  append(1, kNoon);
  append(1, kNoon + 30s);
  append(1, kNoon + 24h + 1s);
  EXPECT_THAT(after(0), ElementsAre("1-1 spool_too_old", "2", "3"));
  append(1, kNoon + 24h + 31s);
  EXPECT_THAT(after(0), ElementsAre("1-1 spool_too_old", "2", "3", "4"));
  append(1, kNoon + 24h + 62s);
  EXPECT_THAT(after(0), ElementsAre("1-2 spool_too_old", "3", "4", "5"));
}

TEST_F(SpoolFileTest, GapsOfDifferentCausesStayApart) {
  reopen({.max_age = 1h});
  append(2, kNoon);
  append(1, kNoon, 2);
  append(1, kNoon + 2h);
  EXPECT_THAT(after(0),
              ElementsAre("1-2 spool_too_old", "3-4 spool_write_failed", "5-5 spool_too_old", "6"));
}

TEST_F(SpoolFileTest, AgeCanBeJudgedByAnotherTime) {
  reopen({.max_age = 1h});
  append(2, kNoon);
  write({.now = kNoon + 48h, .age_now = kNoon + 1h});
  EXPECT_THAT(after(0), ElementsAre("1", "2"));
  write({.now = kNoon, .age_now = kNoon + 61min});
  EXPECT_THAT(after(0), ElementsAre("1-2 spool_too_old"));
  EXPECT_EQ(std::get<Gap>(file_->after(0, 1, 1).value().front().body).recorded_at, kNoon);
}

TEST_F(SpoolFileTest, AClockSetBackMakesNothingOld) {
  reopen({.max_age = 1h});
  append(2, kNoon);
  append(1, kNoon - 48h);
  append(1, kNoon);
  EXPECT_THAT(after(0), ElementsAre("1", "2", "3", "4"));
}

TEST_F(SpoolFileTest, KeepsItsBoundOnSizeWithTheOldestGone) {
  constexpr std::uint64_t kMost = 1 << 20;
  reopen({.max_bytes = kMost});
  fakes::CdnResults cdn;
  for (int i = 0; i < 1'000; ++i) {
    std::vector<EncodedResult> some;
    for (int k = 0; k < 5; ++k) some.push_back(encode_result(cdn.next(kNoon)));
    write({.results = some});
    ASSERT_LE(file_->bytes(), kMost);
  }
  const auto records = file_->after(0, 2, 1 << 20).value();
  const Gap gap = std::get<Gap>(records.front().body);
  EXPECT_EQ(gap.first, 1U);
  EXPECT_EQ(gap.reason, GapReason::kSpoolFull);
  EXPECT_EQ(records[1].sequence, gap.last + 1);
  EXPECT_EQ(state().lost, gap.count());
  EXPECT_EQ(state().results, 5'000 - gap.count());
  // Full, not merely bounded.
  EXPECT_GT(file_->bytes(), kMost * 3 / 4);
}

// The default's promise, a day at one probe a second in 64 MiB, at a tenth of its size.
TEST_F(SpoolFileTest, HoldsADayAtOneProbeASecondOfAnAnswerWith25Headers) {
  constexpr int kPart = 86'400 / 10;
  constexpr std::uint64_t kMost = (64ULL << 20) / 10;
  reopen({.max_bytes = kMost});
  fakes::CdnResults cdn;
  std::size_t sent_bytes = 0;
  std::vector<EncodedResult> results;
  for (int i = 0; i < kPart; ++i) {
    results.push_back(encode_result(cdn.next(kNoon + std::chrono::seconds{i})));
    sent_bytes += results.back().bytes.size();
    if (results.size() < 20) continue;
    write({.results = results, .now = results.back().measured_at});
    results.clear();
  }
  EXPECT_EQ(state().results, kPart);
  EXPECT_EQ(state().lost, 0U);
  // The figures in docs/architecture.md.
  EXPECT_NEAR(static_cast<double>(sent_bytes) / kPart, 1'900, 100);
  EXPECT_NEAR(static_cast<double>(file_->bytes()) / kPart, 490, 60);
}

// ---- another boot

TEST_F(SpoolFileTest, UnderANewNameWhatWasNotSentIsNumberedFromOne) {
  const std::uint64_t boot = state().boot;
  append(3);
  append(2, kNoon, 4);
  ASSERT_TRUE(file_->renew(2));
  EXPECT_NE(state().boot, boot);
  EXPECT_THAT(after(0), ElementsAre("1", "2-5 spool_write_failed", "6", "7"));
  EXPECT_EQ(state().last_sequence, 7U);
  EXPECT_EQ(state().lost, 4U);
  EXPECT_EQ(state().results, 3U);
  const std::uint64_t renewed = state().boot;
  reopen();
  EXPECT_EQ(state().boot, renewed);
  append(1);
  EXPECT_EQ(after(7), std::vector<std::string>{"8"});
}

TEST_F(SpoolFileTest, UnderANewNameOnlyTheRestOfAGapIsLeft) {
  write({.overflowed = 6});
  ASSERT_TRUE(file_->renew(2));
  EXPECT_THAT(after(0), ElementsAre("1-4 spool_write_failed"));
  EXPECT_EQ(state().lost, 4U);
}

// Regression: an acknowledgement of what this process never sent left a hole at the beginning.
TEST_F(SpoolFileTest, UnderANewNameNothingIsLeftOfWhatWasAcknowledged) {
  append(4);
  acknowledge(3);
  ASSERT_TRUE(file_->renew(1));
  EXPECT_THAT(after(0), ElementsAre("1"));
  EXPECT_EQ(state().last_sequence, 1U);
  EXPECT_EQ(state().results, 1U);
}

TEST_F(SpoolFileTest, RemembersWhatMayHaveBeenSent) {
  append(4);
  write({.sent = 3});
  reopen();
  EXPECT_EQ(state().sent, 3U);
}

// ---- dictionaries

TEST_F(SpoolFileTest, DropsDictionariesThatNothingNeeds) {
  const auto dictionaries = [&] {
    file_ = nullptr;
    const auto count = Database::open(path_, Database::Access::kReadWrite)
                           .value()
                           .number("SELECT count(*) FROM dictionary")
                           .value();
    reopen();
    return count;
  };
  for (int i = 0; i < 25; ++i) append(100);
  EXPECT_EQ(dictionaries(), 3);
  acknowledge(2'500);
  for (int i = 0; i < 11; ++i) append(100);
  EXPECT_EQ(dictionaries(), 2);
}

TEST_F(SpoolFileTest, InMemoryItIsTheSame) {
  file_ = SpoolFile::in_memory({.max_bytes = 1 << 20}).value();
  append(3);
  EXPECT_THAT(after(1), ElementsAre("2", "3"));
  fakes::CdnResults cdn;
  for (int i = 0; i < 5'000; ++i) {
    const EncodedResult one = encode_result(cdn.next(kNoon));
    write({.results = {&one, 1}});
  }
  EXPECT_LE(file_->bytes(), 1U << 20);
  EXPECT_GT(state().lost, 0U);
}

}  // namespace
}  // namespace firstbyte::agent
