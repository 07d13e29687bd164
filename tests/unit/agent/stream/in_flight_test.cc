#include "agent/stream/in_flight.h"

#include <gtest/gtest.h>

namespace firstbyte::agent {
namespace {

TEST(InFlight, IsOpenForAThousandRecords) {
  InFlight in_flight(5);
  in_flight.sent(5 + InFlight::kMostRecords - 1, 1);
  EXPECT_TRUE(in_flight.is_open());
  in_flight.sent(5 + InFlight::kMostRecords, 1);
  EXPECT_FALSE(in_flight.is_open());
  EXPECT_TRUE(in_flight.acknowledge(6));
  EXPECT_TRUE(in_flight.is_open());
}

TEST(InFlight, IsOpenForFourMebibytes) {
  InFlight in_flight;
  in_flight.sent(1, InFlight::kMostBytes - 1);
  EXPECT_TRUE(in_flight.is_open());
  in_flight.sent(2, 1);
  EXPECT_FALSE(in_flight.is_open());
  EXPECT_TRUE(in_flight.acknowledge(1));
  EXPECT_TRUE(in_flight.is_open());
}

TEST(InFlight, ABatchThatIsAcknowledgedInPartStillTakesItsBytes) {
  InFlight in_flight;
  in_flight.sent(10, InFlight::kMostBytes);
  EXPECT_TRUE(in_flight.acknowledge(9));
  EXPECT_FALSE(in_flight.is_open());
  EXPECT_TRUE(in_flight.acknowledge(10));
  EXPECT_TRUE(in_flight.is_open());
}

TEST(InFlight, BelievesNoAcknowledgementOfWhatWasNeverSent) {
  InFlight in_flight;
  in_flight.sent(3, 1);
  EXPECT_FALSE(in_flight.acknowledge(4));
  EXPECT_EQ(in_flight.acknowledged(), 0U);
}

TEST(InFlight, NeverGoesBack) {
  InFlight in_flight;
  in_flight.sent(3, 1);
  EXPECT_TRUE(in_flight.acknowledge(3));
  EXPECT_TRUE(in_flight.acknowledge(1));
  EXPECT_EQ(in_flight.acknowledged(), 3U);
}

}  // namespace
}  // namespace firstbyte::agent
