#include "common/rating.h"

#include <gtest/gtest.h>

namespace firstbyte {
namespace {

// An answer whose first byte came after so many microseconds.
Measurement answer(std::int64_t ttfb_us, int status = 200) {
  Measurement measurement;
  PhaseSpans spans;
  spans[static_cast<std::size_t>(Phase::kTransfer)] = Span{Micros{ttfb_us}, Micros{ttfb_us}};
  measurement.timings = Timings::make(spans, Micros{ttfb_us}).value();
  measurement.status = status;
  return measurement;
}

TEST(Rating, UnderFiftyMillisecondsIsExcellent) {
  EXPECT_EQ(rate(answer(0)), Rating::kExcellent);
  EXPECT_EQ(rate(answer(49'999)), Rating::kExcellent);
}

TEST(Rating, FromFiftyToUnderAHundredMillisecondsIsGood) {
  EXPECT_EQ(rate(answer(50'000)), Rating::kGood);
  EXPECT_EQ(rate(answer(99'999)), Rating::kGood);
}

TEST(Rating, FromAHundredMillisecondsIsSlow) {
  EXPECT_EQ(rate(answer(100'000)), Rating::kSlow);
  EXPECT_EQ(rate(answer(60'000'000)), Rating::kSlow);
}

TEST(Rating, AnErrorStatusIsFailedHoweverFast) {
  EXPECT_EQ(rate(answer(1'000, 400)), Rating::kFailed);
  EXPECT_EQ(rate(answer(1'000, 503)), Rating::kFailed);
}

TEST(Rating, ARedirectIsAnAnswer) { EXPECT_EQ(rate(answer(1'000, 399)), Rating::kExcellent); }

TEST(Rating, NoFirstByteIsFailed) { EXPECT_EQ(rate(Measurement{}), Rating::kFailed); }

TEST(Rating, AFailureAfterTheFirstByteIsFailed) {
  Measurement measurement = answer(1'000);
  measurement.failure = Failure{Phase::kTransfer, Origin::kTarget, Cause::kReset, "reset"};
  EXPECT_EQ(rate(measurement), Rating::kFailed);
}

TEST(Rating, EachHasAWord) {
  EXPECT_EQ(to_string(Rating::kExcellent), "excellent");
  EXPECT_EQ(to_string(Rating::kGood), "good");
  EXPECT_EQ(to_string(Rating::kSlow), "slow");
  EXPECT_EQ(to_string(Rating::kFailed), "failed");
}

}  // namespace
}  // namespace firstbyte
