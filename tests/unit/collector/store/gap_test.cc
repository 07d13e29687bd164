// Of each boot every sequence number up to the cursor is one result, or in one gap.
#include <gmock/gmock.h>

#include <array>
#include <limits>
#include <map>
#include <random>
#include <tuple>

#include "tests/unit/collector/store/store_fixture.h"

namespace firstbyte::collector::store_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Gap lost(std::uint64_t first, std::uint64_t last, GapReason reason = GapReason::kSpoolFull) {
  return {first, last, reason, at(1'700'000'000'000'000)};
}

class StoreGapTest : public StoreTest {
 protected:
  using Piece = std::tuple<std::uint64_t, std::uint64_t, GapReason>;

  Expected<BatchCommit> deliver(const std::vector<std::uint64_t>& results,
                                std::vector<Gap> gaps = {}) {
    ResultBatch batch = batch_of(kNewYork, {});
    for (const std::uint64_t sequence : results) batch.results.push_back({sequence, finished("")});
    batch.gaps = std::move(gaps);
    batch.received_at = at(1'700'000'005'000'000);
    return append(*store_, batch);
  }
  // By rising sequence.
  std::vector<Piece> gaps() {
    auto database = Database::open(folder_.database(), Database::Access::kReadOnly).value();
    Statement all(database, "SELECT first_sequence, last_sequence, reason FROM gap ORDER BY 1");
    auto rows = all.query().value();
    std::vector<Piece> found;
    while (rows.next().value()) {
      const auto first = rows.take<std::uint64_t>();
      const auto last = rows.take<std::uint64_t>();
      found.emplace_back(first, last, gap_reason_from_string(rows.take<std::string>()).value());
    }
    return found;
  }
  std::vector<std::uint64_t> sequences() {
    auto database = Database::open(folder_.database(), Database::Access::kReadOnly).value();
    Statement all(database, "SELECT sequence FROM result ORDER BY 1");
    auto rows = all.query().value();
    std::vector<std::uint64_t> found;
    while (rows.next().value()) found.push_back(rows.take<std::uint64_t>());
    return found;
  }
  AgentRecord agent() { return store_->agents().value().at(0); }
};

constexpr GapReason kSilent = GapReason::kUnreported;

TEST_F(StoreGapTest, AGapIsStoredAndAcknowledgedInThePlaceOfItsResults) {
  const auto commit = deliver({1, 2}, {lost(3, 9)});
  EXPECT_EQ(commit.value().acknowledged, 9U);
  EXPECT_THAT(gaps(), ElementsAre(Piece{3, 9, GapReason::kSpoolFull}));
  EXPECT_EQ(number("SELECT count FROM gap"), 7);
  EXPECT_EQ(number("SELECT recorded_at_us FROM gap"), 1'700'000'000'000'000);
  EXPECT_EQ(number("SELECT received_at_us FROM gap"), 1'700'000'005'000'000);
  EXPECT_EQ(store_->stats().gaps_recorded, 1U);
  EXPECT_EQ(store_->stats().results_lost, 7U);
}

TEST_F(StoreGapTest, ABatchOfGapsAloneMovesTheCursor) {
  EXPECT_EQ(deliver({}, {lost(1, 4)}).value().acknowledged, 4U);
  EXPECT_EQ(store_->cursor(kNewYork.id, 7).value(), 4U);
}

TEST_F(StoreGapTest, WhatIsSkippedWithoutAWordIsAGapThatWasNotReported) {
  ASSERT_TRUE(deliver({3, 6}));
  EXPECT_THAT(gaps(), ElementsAre(Piece{1, 2, kSilent}, Piece{4, 5, kSilent}));
  EXPECT_EQ(number("SELECT count(*) FROM gap WHERE recorded_at_us IS NULL"), 2);
}

TEST_F(StoreGapTest, WhatIsSkippedBeforeAGapIsOneOfItsOwn) {
  ASSERT_TRUE(deliver({}, {lost(3, 4)}));
  EXPECT_THAT(gaps(), ElementsAre(Piece{1, 2, kSilent}, Piece{3, 4, GapReason::kSpoolFull}));
}

TEST_F(StoreGapTest, AResultThatComesAfterAllIsStoredAndLeavesItsGap) {
  ASSERT_TRUE(deliver({6}));
  EXPECT_EQ(deliver({3}).value().acknowledged, 6U);
  EXPECT_THAT(gaps(), ElementsAre(Piece{1, 2, kSilent}, Piece{4, 5, kSilent}));
  ASSERT_TRUE(deliver({1, 5}));
  EXPECT_THAT(gaps(), ElementsAre(Piece{2, 2, kSilent}, Piece{4, 4, kSilent}));
  ASSERT_TRUE(deliver({1, 2, 3, 4, 5, 6, 7}));
  EXPECT_THAT(gaps(), IsEmpty());
  EXPECT_THAT(sequences(), ElementsAre(1, 2, 3, 4, 5, 6, 7));
  EXPECT_EQ(store_->stats().duplicates_ignored, 4U);
}

TEST_F(StoreGapTest, AResultThatComesAfterAllEndsItsCity) {
  ASSERT_TRUE(create(*store_, test_with("t1", {kNewYork})));
  ASSERT_TRUE(deliver({4}));
  ASSERT_TRUE(append(*store_, batch_of(kNewYork, {{2, finished("t1")}})));
  EXPECT_EQ(load("t1").cities[0].state, CityState::kFinished);
}

// ---- before their turn

TEST_F(StoreGapTest, AResultBeforeItsTurnIsStoredOnceAndTheCursorStays) {
  ASSERT_TRUE(create(*store_, test_with("t1", {kNewYork})));
  ASSERT_TRUE(deliver({1}));
  ResultBatch batch = batch_of(kNewYork, {{4, finished("t1")}});
  batch.ahead = true;
  for (const std::size_t ended : {1, 0}) {
    const auto commit = append(*store_, batch);
    ASSERT_TRUE(commit);
    EXPECT_EQ(commit->acknowledged, 1U);
    EXPECT_EQ(commit->settled.size(), ended);
  }
  EXPECT_EQ(load("t1").cities[0].state, CityState::kFinished);
  EXPECT_THAT(gaps(), IsEmpty());
  EXPECT_EQ(store_->cursor(kNewYork.id, 7).value(), 1U);
  EXPECT_EQ(store_->highest_sequence(kNewYork.id, 7).value(), batch.results.back().sequence);
  EXPECT_EQ(store_->highest_sequence(kNewYork.id, 8).value(), 0U);
  EXPECT_EQ(deliver({2, 3, 4, 5}).value().acknowledged, 5U);
  EXPECT_THAT(sequences(), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(gaps(), IsEmpty());
  EXPECT_EQ(store_->stats().results_stored, 5U);
  EXPECT_EQ(store_->stats().duplicates_ignored, 2U);
  // Long in its place.
  EXPECT_EQ(append(*store_, batch).value().acknowledged, 5U);
  EXPECT_EQ(sequences().size(), 5U);
}

TEST_F(StoreGapTest, AResultBeforeItsTurnIsInNoGap) {
  ResultBatch batch = batch_of(
      kNewYork, {{3, finished("")}, {4, finished("")}, {7, finished("")}, {9, finished("")}});
  batch.ahead = true;
  ASSERT_TRUE(append(*store_, batch));
  EXPECT_EQ(deliver({}, {lost(3, 8)}).value().acknowledged, 8U);
  EXPECT_THAT(gaps(), ElementsAre(Piece{1, 2, kSilent}, Piece{5, 6, GapReason::kSpoolFull},
                                  Piece{8, 8, GapReason::kSpoolFull}));
  EXPECT_EQ(store_->stats().results_lost, 5U);
  ASSERT_TRUE(deliver({12}));
  EXPECT_THAT(gaps(), ElementsAre(Piece{1, 2, kSilent}, Piece{5, 6, GapReason::kSpoolFull},
                                  Piece{8, 8, GapReason::kSpoolFull}, Piece{10, 11, kSilent}));
  EXPECT_THAT(sequences(), ElementsAre(3, 4, 7, 9, 12));
}

TEST_F(StoreGapTest, AGapInThePlaceOfStoredResultsChangesNothing) {
  ASSERT_TRUE(deliver({1, 2, 3}));
  EXPECT_EQ(deliver({}, {lost(1, 3)}).value().acknowledged, 3U);
  EXPECT_THAT(gaps(), IsEmpty());
}

TEST_F(StoreGapTest, OfAGapOnlyWhatLiesBeyondTheCursorIsNew) {
  ASSERT_TRUE(deliver({1, 2, 3}));
  EXPECT_EQ(deliver({}, {lost(2, 8)}).value().acknowledged, 8U);
  EXPECT_THAT(gaps(), ElementsAre(Piece{4, 8, GapReason::kSpoolFull}));
}

TEST_F(StoreGapTest, AGapSaysAfterAllWhyResultsAreMissing) {
  ASSERT_TRUE(deliver({10}));
  ASSERT_TRUE(deliver({}, {lost(3, 5, GapReason::kSpoolUnreadable)}));
  EXPECT_THAT(gaps(), ElementsAre(Piece{1, 2, kSilent}, Piece{3, 5, GapReason::kSpoolUnreadable},
                                  Piece{6, 9, kSilent}));
}

TEST_F(StoreGapTest, TheSameGapTwiceIsThereOnce) {
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(deliver({1}, {lost(2, 5)}));
  EXPECT_THAT(gaps(), ElementsAre(Piece{2, 5, GapReason::kSpoolFull}));
  EXPECT_EQ(store_->stats().gaps_recorded, 1U);
}

TEST_F(StoreGapTest, AGapOverWhatIsSentWithItIsRefusedAndNothingIsStored) {
  const std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
  for (const Gap& gap : {lost(1, 2), lost(0, 1), lost(4, 3), lost(3, largest)}) {
    const auto commit = deliver({2}, {gap});
    ASSERT_FALSE(commit);
    EXPECT_EQ(commit.error().kind, Error::Kind::kInvalid);
    EXPECT_EQ(commit.error().message,
              "agent agent-ny sent a gap in the place of what it sent as well");
  }
  EXPECT_EQ(number("SELECT count(*) FROM result"), 0);
  EXPECT_THAT(gaps(), IsEmpty());
}

TEST_F(StoreGapTest, EachBootHasItsOwnGaps) {
  ASSERT_TRUE(append(*store_, batch_of(kNewYork, {{3, finished("")}}, 1)));
  ASSERT_TRUE(append(*store_, batch_of(kNewYork, {{3, finished("")}}, 2)));
  ASSERT_TRUE(append(*store_, batch_of(kNewYork, {{1, finished("")}, {2, finished("")}}, 2)));
  EXPECT_EQ(number("SELECT count(*) FROM gap WHERE boot = 1"), 1);
  EXPECT_EQ(number("SELECT count(*) FROM gap WHERE boot = 2"), 0);
}

TEST_F(StoreGapTest, AnAgentTellsHowMuchIsMissingAndTheLatestGaps) {
  ASSERT_TRUE(record(*store_, kNewYork, "0.1.0", at(5)));
  for (std::uint64_t i = 1; i <= 7; ++i) ASSERT_TRUE(deliver({}, {lost(2 * i, 2 * i)}));
  EXPECT_EQ(agent().lost_results, 14U);
  ASSERT_EQ(agent().gaps.size(), 5U);
  const StoredGap latest{7, lost(14, 14), at(1'700'000'005'000'000)};
  EXPECT_EQ(agent().gaps[0], latest);
}

// The sum of what an agent claims to have lost is more than any integer holds.
TEST_F(StoreGapTest, AgentsCanBeReadWhateverOneOfThemClaims) {
  ASSERT_TRUE(record(*store_, kNewYork, "0.1.0", at(5)));
  constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
  for (std::uint64_t boot = 1; boot <= 3; ++boot) {
    ResultBatch batch = batch_of(kNewYork, {}, boot);
    batch.gaps = {lost(1, kLargest)};
    ASSERT_TRUE(append(*store_, batch));
  }
  EXPECT_EQ(agent().lost_results, kLargest);
}

TEST_F(StoreGapTest, AReasonFromElsewhereIsAnErrorThatNamesTheAgent) {
  ASSERT_TRUE(record(*store_, kNewYork, "0.1.0", at(5)));
  ASSERT_TRUE(deliver({}, {lost(1, 2)}));
  execute("UPDATE gap SET reason = 'whim'");
  const auto agents = store_->agents();
  ASSERT_FALSE(agents);
  EXPECT_EQ(agents.error().message, "a gap of agent agent-ny has a reason that is not known, whim");
}

// Whatever comes, twice, late, torn or not at all, and however often the collector starts anew:
// nothing is counted twice, and nothing is missing without a gap that says so.
TEST_F(StoreGapTest, EveryNumberUpToTheCursorIsOneResultOrInOneGap) {
  std::mt19937_64 random(11);
  const auto between = [&](std::uint64_t low, std::uint64_t high) {
    return std::uniform_int_distribution(low, high)(random);
  };
  std::map<std::uint64_t, bool> accounted;  // true: as a result
  std::uint64_t cursor = 0;
  for (int round = 0; round < 400; ++round) {
    std::vector<std::uint64_t> results;
    std::vector<Gap> missing;
    // Anything from well before the cursor to somewhat after it.
    std::uint64_t next = between(cursor > 30 ? cursor - 30 : 1, cursor + 5);
    for (std::uint64_t n = between(1, 8); n > 0; --n) {
      if (between(0, 4) == 0) {
        const std::uint64_t last = next + between(0, 12);
        missing.push_back(lost(next, last, static_cast<GapReason>(between(0, 3))));
        next = last + 1;
      } else {
        results.push_back(next++);
      }
      next += between(0, 5) == 0 ? between(1, 6) : 0;
    }
    std::uint64_t end = cursor;
    for (const std::uint64_t sequence : results) end = std::max(end, sequence);
    for (const Gap& gap : missing) end = std::max(end, gap.last);
    for (std::uint64_t i = cursor + 1; i <= end; ++i) accounted[i] = false;
    for (const std::uint64_t sequence : results) accounted[sequence] = true;
    const auto commit = deliver(results, missing);
    ASSERT_TRUE(commit) << commit.error().message;
    ASSERT_EQ(commit->acknowledged, cursor = end);
    if (between(0, 39) == 0) reopen();
    if (round % 20 != 0) continue;
    std::map<std::uint64_t, bool> found;
    for (const std::uint64_t sequence : sequences()) {
      ASSERT_TRUE(found.emplace(sequence, true).second) << sequence;
    }
    for (const auto& [first, last, reason] : gaps()) {
      for (std::uint64_t i = first; i <= last; ++i) {
        ASSERT_TRUE(found.emplace(i, false).second) << i;
      }
    }
    ASSERT_EQ(found, accounted) << "round " << round;
  }
  EXPECT_EQ(store_->cursor(kNewYork.id, 7).value(), cursor);
}

}  // namespace
}  // namespace firstbyte::collector::store_test
