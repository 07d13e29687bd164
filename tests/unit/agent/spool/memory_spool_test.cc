#include <gtest/gtest.h>

#include <thread>

#include "agent/spool/spool.h"

namespace firstbyte::agent {
namespace {

Measurement of(std::string test_id) {
  Measurement measurement;
  measurement.test_id = std::move(test_id);
  return measurement;
}

std::vector<std::uint64_t> sequences(const std::vector<SpooledResult>& results) {
  std::vector<std::uint64_t> numbers;
  numbers.reserve(results.size());
  for (const SpooledResult& result : results) numbers.push_back(result.sequence);
  return numbers;
}

using Sequences = std::vector<std::uint64_t>;

class MemorySpoolTest : public testing::Test {
 protected:
  void append(int count) {
    for (int i = 0; i < count; ++i) spool_.append(of("t"));
  }
  Sequences after(std::uint64_t sequence, std::size_t limit = 100) const {
    return sequences(spool_.after(sequence, limit));
  }

  MemorySpool spool_{5};
};

TEST_F(MemorySpoolTest, NumbersFromOneWithoutHoles) {
  EXPECT_EQ(spool_.append(of("a")), 1U);
  EXPECT_EQ(spool_.append(of("b")), 2U);
  EXPECT_EQ(after(0), (Sequences{1, 2}));
}

TEST_F(MemorySpoolTest, KeepsWhatItWasGiven) {
  spool_.append(of("a"));
  EXPECT_EQ(spool_.after(0, 1).front().measurement, of("a"));
}

TEST_F(MemorySpoolTest, GivesWhatFollowsASequence) {
  append(3);
  EXPECT_EQ(after(1), (Sequences{2, 3}));
  EXPECT_EQ(after(3), Sequences{});
  EXPECT_EQ(after(99), Sequences{});
}

TEST_F(MemorySpoolTest, GivesNoMoreThanItIsAskedFor) {
  append(5);
  EXPECT_EQ(after(1, 2), (Sequences{2, 3}));
  EXPECT_EQ(after(0, 0), Sequences{});
}

TEST_F(MemorySpoolTest, KeepsWhatItGaveUntilItIsAcknowledged) {
  append(2);
  EXPECT_EQ(after(0), after(0));
  EXPECT_EQ(spool_.depth(), 2U);
}

TEST_F(MemorySpoolTest, ForgetsWhatIsAcknowledged) {
  append(3);
  spool_.acknowledge(2);
  EXPECT_EQ(after(0), Sequences{3});
  EXPECT_EQ(spool_.depth(), 1U);
}

TEST_F(MemorySpoolTest, MindsNoAcknowledgementTwiceOrOfWhatItNeverHad) {
  append(3);
  spool_.acknowledge(2);
  spool_.acknowledge(1);
  EXPECT_EQ(after(0), Sequences{3});
  spool_.acknowledge(99);
  EXPECT_EQ(spool_.depth(), 0U);
}

TEST_F(MemorySpoolTest, CountsOnAfterEverythingIsAcknowledged) {
  append(2);
  spool_.acknowledge(2);
  EXPECT_EQ(spool_.append(of("c")), 3U);
}

TEST_F(MemorySpoolTest, GivesUpTheOldestAtItsBoundAndCountsIt) {
  append(7);
  EXPECT_EQ(after(0), (Sequences{3, 4, 5, 6, 7}));
  EXPECT_EQ(spool_.depth(), 5U);
  EXPECT_EQ(spool_.dropped(), 2U);
}

TEST_F(MemorySpoolTest, CountsAnAcknowledgedResultNotAsDropped) {
  append(5);
  spool_.acknowledge(5);
  append(5);
  EXPECT_EQ(spool_.dropped(), 0U);
}

TEST(MemorySpool, NumbersEachResultOnceWhicheverThreadItComesFrom) {
  constexpr int kEach = 500;
  MemorySpool spool(2 * kEach);
  const auto produce = [&] {
    for (int i = 0; i < kEach; ++i) spool.append(of("t"));
  };
  std::thread first(produce);
  std::thread second(produce);
  first.join();
  second.join();
  const Sequences numbers = sequences(spool.after(0, 2 * kEach));
  ASSERT_EQ(numbers.size(), 2U * kEach);
  for (std::size_t i = 0; i < numbers.size(); ++i) ASSERT_EQ(numbers[i], i + 1);
}

}  // namespace
}  // namespace firstbyte::agent
