#include "common/time_span.h"

#include <gtest/gtest.h>

namespace firstbyte {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::days kMost{366};

TEST(TimeSpan, IsANumberAndAUnit) {
  EXPECT_EQ(parse_time_span("45s", kMost), 45s);
  EXPECT_EQ(parse_time_span("10m", kMost), 10min);
  EXPECT_EQ(parse_time_span("24h", kMost), 24h);
  EXPECT_EQ(parse_time_span("7d", kMost), std::chrono::days{7});
}

TEST(TimeSpan, LiesBetweenASecondAndWhatIsAllowed) {
  EXPECT_EQ(parse_time_span("1s", kMost), 1s);
  EXPECT_EQ(parse_time_span("366d", kMost), kMost);
  for (const char* text : {"0s", "-1h", "367d", "8785h", "9223372036854775807d"}) {
    EXPECT_EQ(parse_time_span(text, kMost), std::unexpected(BadTimeSpan::kBounds)) << text;
  }
}

TEST(TimeSpan, HasNoOtherForm) {
  for (const char* text : {"", "1", "h", "1w", "1 h", "1h30m", "1.5h", "99999999999999999999s"}) {
    EXPECT_EQ(parse_time_span(text, kMost), std::unexpected(BadTimeSpan::kForm)) << text;
  }
}

}  // namespace
}  // namespace firstbyte
