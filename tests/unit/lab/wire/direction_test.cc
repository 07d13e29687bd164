#include "lab/wire/direction.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace firstbyte::wire {
namespace {

using namespace std::chrono_literals;

constexpr MonotonicTime kStart{1000s};
constexpr std::size_t kHeader = 10;

class DirectionTest : public testing::Test {
 protected:
  void arrive(const std::string& frame, std::chrono::nanoseconds after = 0ms) {
    const std::string packet = std::string(kHeader, 'h') + frame;
    direction_.arrive(std::as_bytes(std::span(packet)), kStart + after, settings_);
  }
  void send_first(std::chrono::nanoseconds late = 0ms) {
    direction_.send_first(direction_.due() + late);
  }

  PacketPool pool_;
  Random random_{1};
  WireSettings settings_{.delay = Micros{5'000}};
  Direction::Sent result_ = Direction::Sent::kYes;
  std::vector<std::string> sent_;
  Direction direction_{pool_, random_, kHeader, [this](std::span<iovec> pieces) {
                         std::string packet;
                         for (const iovec& piece : pieces) {
                           packet.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
                         }
                         sent_.push_back(packet);
                         return result_;
                       }};
};

TEST_F(DirectionTest, HasNothingDueAtFirst) {
  EXPECT_EQ(direction_.due(), MonotonicTime::max());
  EXPECT_EQ(direction_.in_flight(), 0U);
}

TEST_F(DirectionTest, SendsInOrderWithTheHeaderThatCameAlong) {
  arrive("first");
  arrive("second", 1ms);
  EXPECT_EQ(direction_.due(), kStart + 5ms);
  send_first();
  EXPECT_EQ(direction_.due(), kStart + 6ms);
  send_first();
  EXPECT_EQ(sent_, (std::vector<std::string>{"hhhhhhhhhhfirst", "hhhhhhhhhhsecond"}));
  EXPECT_EQ(direction_.due(), MonotonicTime::max());
}

TEST_F(DirectionTest, CountsWhatLeftWithoutTheHeader) {
  arrive("12345");
  EXPECT_EQ(direction_.counts().packets, 0U);
  send_first();
  EXPECT_EQ(direction_.counts().packets, 1U);
  EXPECT_EQ(direction_.counts().bytes, 5U);
}

TEST_F(DirectionTest, CountsHowLateItWas) {
  arrive("x");
  send_first(3ms);
  EXPECT_EQ(direction_.lateness().max_us(), 3'000);
}

TEST_F(DirectionTest, KeepsTheDeadlinesOfPacketsInFlight) {
  arrive("x");
  settings_.delay = Micros{50'000};
  arrive("y");
  EXPECT_EQ(direction_.due(), kStart + 5ms);
  send_first();
  EXPECT_EQ(direction_.due(), kStart + 50ms);
}

TEST_F(DirectionTest, LosesWhatIsInFlightWhenItGoesDown) {
  arrive("x");
  arrive("y");
  direction_.drop_in_flight();
  EXPECT_EQ(direction_.counts().down, 2U);
  EXPECT_EQ(direction_.due(), MonotonicTime::max());
  EXPECT_EQ(pool_.free_chunks(), PacketPool::kChunks);
}

TEST_F(DirectionTest, CountsEachKindOfDrop) {
  settings_ = {.up = false};
  arrive("down");
  settings_ = {.loss_percent = 100};
  arrive("lost");
  EXPECT_EQ(direction_.counts().down, 1U);
  EXPECT_EQ(direction_.counts().lost, 1U);
  EXPECT_EQ(pool_.free_chunks(), PacketPool::kChunks);
}

TEST_F(DirectionTest, CountsWhatTheInterfaceDidNotTake) {
  arrive("x");
  arrive("y");
  result_ = Direction::Sent::kNoRoom;
  send_first();
  result_ = Direction::Sent::kDown;
  send_first();
  EXPECT_EQ(direction_.counts().overflowed, 1U);
  EXPECT_EQ(direction_.counts().down, 1U);
  EXPECT_EQ(direction_.counts().packets, 0U);
  EXPECT_EQ(pool_.free_chunks(), PacketPool::kChunks);
}

TEST_F(DirectionTest, HoldsSoManyPacketsAndNoMore) {
  for (std::size_t i = 0; i < Direction::kMostPackets + 7; ++i) arrive("x");
  EXPECT_EQ(direction_.in_flight(), Direction::kMostPackets);
  EXPECT_EQ(direction_.counts().overflowed, 7U);
}

TEST_F(DirectionTest, DropsWhatThePoolHasNoRoomFor) {
  const std::string large(60'000, 'x');
  while (direction_.counts().overflowed == 0) arrive(large);
  EXPECT_GT(direction_.in_flight(), 1'000U);
  EXPECT_LT(pool_.free_chunks(), 30U);
}

}  // namespace
}  // namespace firstbyte::wire
