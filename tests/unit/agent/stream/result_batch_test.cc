#include "agent/stream/result_batch.h"

#include <gtest/gtest.h>

#include "tests/fakes/spool_measurements.h"
#include "tests/fakes/temp_dir.h"

namespace firstbyte::agent {
namespace {

using fakes::kNoon;
const WallTime kNow = system_clock().wall();
using namespace std::chrono_literals;

class ResultBatchTest : public testing::Test {
 protected:
  // What a spool with these results gives after `sequence`.
  std::optional<ResultBatch> batch_of(const std::vector<EncodedResult>& results,
                                      std::uint64_t sequence = 0) {
    const std::string path = folder_ / "spool.db";
    EXPECT_TRUE(SpoolFile::create(path, {}));
    EXPECT_TRUE(SpoolFile::open(path, {}).value()->write({.results = results, .now = kNoon}));
    const auto spool = SqliteSpool::open({.file = path}, system_clock()).value();
    return read_batch(*spool, spool->boot(), sequence, kNoon);
  }

  fakes::TempDir folder_;
};

TEST_F(ResultBatchTest, SaysWhatItFollows) {
  const std::vector<EncodedResult> results(5, encode_result(fakes::spooled("t")));
  const auto batch = batch_of(results, 3);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->last, 5U);
  EXPECT_EQ(batch->message.results().follows(), 3U);
  EXPECT_EQ(batch->message.results().results_size(), 2);
}

TEST_F(ResultBatchTest, IsNotThereWhenThereIsNothing) { EXPECT_FALSE(batch_of({})); }

TEST_F(ResultBatchTest, OfTestsThereAreSomeBeforeTheirTurn) {
  const auto spool = SqliteSpool::open({.file = folder_ / "spool.db"}, system_clock()).value();
  for (int i = 1; i <= 100; ++i) spool->append(fakes::spooled(i % 40 == 0 ? "t" : "", kNow));
  ASSERT_TRUE(spool->flush(10s));
  EXPECT_TRUE(spool->has_ordered(spool->boot(), 50));
  const auto batch = read_ahead(*spool, spool->boot(), 50, kNow);
  ASSERT_TRUE(batch);
  const v1::ResultBatch& results = batch->message.results();
  EXPECT_TRUE(results.ahead());
  ASSERT_EQ(results.results_size(), 1);
  EXPECT_EQ(results.results(0).sequence(), 80U);
  EXPECT_EQ(batch->last, 80U);
  EXPECT_FALSE(read_ahead(*spool, spool->boot(), batch->last, kNow));
  // Regression: a collector that knew of it was taken for one that knows too much.
  EXPECT_EQ(spool->may_have_left(spool->boot()), 80U);
  // Regression: it was forgotten once it was read, though it had not arrived.
  EXPECT_EQ(read_ahead(*spool, spool->boot(), 0, kNow)->message.results().results_size(), 2);
  spool->acknowledge(spool->boot(), 79);
  EXPECT_EQ(read_ahead(*spool, spool->boot(), 0, kNow)->message.results().results_size(), 1);
  spool->acknowledge(spool->boot(), 80);
  EXPECT_FALSE(spool->has_ordered(spool->boot(), 0));
}

// Regression: a message that the collector does not take ends the stream, and is sent again with
// the next one, for ever.
TEST_F(ResultBatchTest, HasAGapInThePlaceOfWhatTheCollectorWouldNotTake) {
  v1::Measurement large;
  large.set_url(std::string(kMaxResultBytes, 'x'));
  const auto batch =
      batch_of({{kNoon, large.SerializeAsString()}, encode_result(fakes::spooled("t"))});
  ASSERT_TRUE(batch);
  const auto& first = batch->message.results().results(0);
  EXPECT_EQ(first.sequence(), 1U);
  EXPECT_EQ(first.gap().reason(), v1::GAP_REASON_SPOOL_UNREADABLE);
  EXPECT_LT(batch->message.ByteSizeLong(), 1'000U);
}

}  // namespace
}  // namespace firstbyte::agent
