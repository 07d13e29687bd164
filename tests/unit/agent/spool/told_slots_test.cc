// What a spool remembers of slots, for the agent's next run.

#include <gmock/gmock.h>

#include "agent/spool/spool_file.h"
#include "agent/spool/sqlite_spool.h"
#include "tests/fakes/spool_measurements.h"
#include "tests/fakes/temp_dir.h"

namespace firstbyte::agent {
namespace {

using fakes::kNoon;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using namespace std::chrono_literals;

Measurement of_slot(std::uint64_t check, WallTime at) {
  Measurement measurement = fakes::spooled("", at);
  measurement.slot = CheckSlot{.check = check, .scheduled_at = at};
  return measurement;
}

class ToldSlotsTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(SpoolFile::create(path_, {})); }
  std::unique_ptr<SpoolFile> opened() { return SpoolFile::open(path_, {}).value(); }
  static void append(SpoolFile& file, const std::vector<Measurement>& measurements) {
    std::vector<EncodedResult> results;
    for (const Measurement& each : measurements) results.push_back(encode_result(each));
    ASSERT_TRUE(file.write({.results = results, .now = kNoon}));
  }

  fakes::TempDir folder_;
  const std::string path_ = folder_ / "spool.db";
};

TEST_F(ToldSlotsTest, TheLastOfEachCheckOutlivesTheRunAndItsDelivery) {
  constexpr std::uint64_t kLarge = 0xffffffffffffffff;
  {
    const auto file = opened();
    append(*file, {of_slot(1, kNoon), of_slot(kLarge, kNoon), of_slot(1, kNoon + 1s)});
    append(*file, {fakes::spooled("a test's")});
    ASSERT_TRUE(file->write({.acknowledged = 4, .now = kNoon}));
  }
  EXPECT_THAT(opened()->told_slots().value(),
              ElementsAre(Pair(1, kNoon + 1s), Pair(kLarge, kNoon)));
}

TEST_F(ToldSlotsTest, GoBackWithTheClock) {
  const auto file = opened();
  append(*file, {of_slot(1, kNoon), of_slot(1, kNoon - 1h)});
  EXPECT_THAT(file->told_slots().value(), ElementsAre(Pair(1, kNoon - 1h)));
}

TEST_F(ToldSlotsTest, ASpoolOfAnEarlierAgentIsUsed) {
  ASSERT_TRUE(
      Database::open(path_, Database::Access::kReadWrite).value().execute("DROP TABLE check_slot"));
  const auto file = opened();
  EXPECT_THAT(file->told_slots().value(), IsEmpty());
  append(*file, {of_slot(1, kNoon)});
  EXPECT_THAT(file->told_slots().value(), ElementsAre(Pair(1, kNoon)));
}

TEST_F(ToldSlotsTest, ThoseOfChecksLongGoneAreForgotten) {
  std::vector<Measurement> all;
  for (int i = 0; i < 2'005; ++i) {
    all.push_back(of_slot(static_cast<std::uint64_t>(i), kNoon + i * 1s));
  }
  append(*opened(), all);
  const auto slots = opened()->told_slots().value();
  EXPECT_EQ(slots.size(), 2'000U);
  EXPECT_EQ(slots.begin()->first, 5U);
}

TEST_F(ToldSlotsTest, TheSpoolSaysThemAtItsStart) {
  const SqliteSpool::Options options{.file = path_, .bounds = {64 << 20, 24h * 3650}};
  {
    const auto spool = SqliteSpool::open(options, system_clock()).value();
    spool->append(of_slot(1, kNoon));
    ASSERT_TRUE(spool->flush(10s));
  }
  EXPECT_THAT(SqliteSpool::open(options, system_clock()).value()->told_slots(),
              ElementsAre(Pair(1, kNoon)));
}

}  // namespace
}  // namespace firstbyte::agent
