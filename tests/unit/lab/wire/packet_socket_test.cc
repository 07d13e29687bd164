#include "lab/wire/packet_socket.h"

#include <gtest/gtest.h>

namespace firstbyte::wire {
namespace {

using namespace std::chrono_literals;

constexpr MonotonicTime kNow{1000s};
constexpr std::chrono::nanoseconds kWall = 1'790'000'000s;

TEST(PacketSocket, TakesAPacketsAgeFromItsStamp) {
  EXPECT_EQ(arrival_of(kWall - 300us, kWall, kNow), kNow - 300us);
  EXPECT_EQ(arrival_of(kWall, kWall, kNow), kNow);
}

TEST(PacketSocket, HoldsNoPacketForALifetimeWhenTheClockIsSetBack) {
  EXPECT_EQ(arrival_of(kWall, kWall - 1h, kNow), kNow);
}

TEST(PacketSocket, TakesNoPacketForOlderThanASecondWhenTheClockIsSetForward) {
  EXPECT_EQ(arrival_of(kWall, kWall + 1h, kNow), kNow - 1s);
}

TEST(PacketSocket, NamesAnInterfaceThatIsNotThere) {
  const auto index = PacketSocket::index_of("no-such-if");
  ASSERT_FALSE(index);
  EXPECT_EQ(index.error().message, "there is no interface no-such-if here");
}

}  // namespace
}  // namespace firstbyte::wire
