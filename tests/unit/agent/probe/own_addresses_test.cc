#include "agent/probe/own_addresses.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/fakes/manual_clock.h"

namespace firstbyte::agent {
namespace {

using std::chrono::milliseconds;

IpAddress address(const char* text) { return parse_address(text).value(); }

class OwnAddressesTest : public testing::Test {
 protected:
  fakes::ManualClock clock_;
  int reads_ = 0;
  std::optional<std::vector<IpAddress>> now_{{address("8.8.8.8"), address("2a00::1")}};
  OwnAddresses own_{clock_, [this] {
                      ++reads_;
                      return now_;
                    }};
};

TEST_F(OwnAddressesTest, HoldsThoseOfTheInterfacesAndNoOther) {
  EXPECT_TRUE(own_.contains(address("8.8.8.8")));
  EXPECT_TRUE(own_.contains(address("2a00::1")));
  EXPECT_FALSE(own_.contains(address("::ffff:8.8.8.8")));
  EXPECT_FALSE(own_.contains(address("8.8.4.4")));
}

TEST_F(OwnAddressesTest, IsLookedUpOnceASecondAtMost) {
  for (int i = 0; i < 1000; ++i) own_.contains(address("8.8.4.4"));
  EXPECT_EQ(reads_, 1);
  now_ = {{address("8.8.4.4")}};
  clock_.advance(milliseconds{999});
  EXPECT_FALSE(own_.contains(address("8.8.4.4")));
  clock_.advance(milliseconds{1});
  EXPECT_TRUE(own_.contains(address("8.8.4.4")));
  EXPECT_FALSE(own_.contains(address("8.8.8.8")));
  EXPECT_EQ(reads_, 2);
}

TEST_F(OwnAddressesTest, KeepsWhatItKnewWhenTheKernelDoesNotTell) {
  own_.contains(address("8.8.8.8"));
  now_.reset();
  clock_.advance(milliseconds{1500});
  EXPECT_TRUE(own_.contains(address("8.8.8.8")));
  now_ = {{address("8.8.4.4")}};
  EXPECT_FALSE(own_.contains(address("8.8.8.8")));
}

// Regression: with no file descriptor left at the start, no address was this host's own.
TEST_F(OwnAddressesTest, HoldsEveryAddressUntilTheKernelHasTold) {
  now_.reset();
  EXPECT_TRUE(own_.contains(address("8.8.4.4")));
  EXPECT_FALSE(own_.are_known());
  now_ = {{address("8.8.8.8")}};
  EXPECT_FALSE(own_.contains(address("8.8.4.4")));
  EXPECT_TRUE(own_.are_known());
}

TEST_F(OwnAddressesTest, IsNotLookedUpBeforeItIsAskedFor) { EXPECT_EQ(reads_, 0); }

TEST(ReadOwnAddresses, HoldsLoopback) {
  const auto addresses = read_own_addresses();
  ASSERT_TRUE(addresses);
  EXPECT_NE(std::ranges::find(*addresses, address("127.0.0.1")), addresses->end());
}

}  // namespace
}  // namespace firstbyte::agent
