#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include "proto/codec.h"

namespace firstbyte {
namespace {

Gap gap() { return {5, 9, GapReason::kSpoolTooOld, WallTime{Micros{1'700'000'000'000'000}}}; }

TEST(DeliveryCodec, KeepsAGap) {
  for (const GapReason reason : {GapReason::kSpoolFull, GapReason::kSpoolTooOld,
                                 GapReason::kSpoolWriteFailed, GapReason::kSpoolUnreadable}) {
    Gap sent = gap();
    sent.reason = reason;
    EXPECT_EQ(decode_gap(encode(sent)), sent);
  }
}

TEST(DeliveryCodec, AGapOfOneIsOne) {
  Gap sent = gap();
  sent.first = sent.last;
  EXPECT_EQ(decode_gap(encode(sent)).value().count(), 1U);
}

TEST(DeliveryCodec, RefusesAGapThatRunsBackwards) {
  v1::SequencedResult message = encode(gap());
  message.mutable_gap()->set_first_sequence(10);
  EXPECT_EQ(decode_gap(message).error().message, "gap.first_sequence is not between 1 and 9");
  message.mutable_gap()->set_first_sequence(0);
  EXPECT_EQ(decode_gap(message).error().field, "gap.first_sequence");
}

TEST(DeliveryCodec, RefusesAReasonThatIsTheCollectorsToGive) {
  v1::SequencedResult message = encode(gap());
  message.mutable_gap()->set_reason(static_cast<v1::GapReason>(5));
  EXPECT_EQ(decode_gap(message).error().message, "gap.reason has the unknown value 5");
}

TEST(DeliveryCodec, RefusesATimeThatNoCalendarHas) {
  v1::SequencedResult message = encode(gap());
  message.mutable_gap()->set_recorded_at_us(-1);
  EXPECT_EQ(decode_gap(message).error().field, "gap.recorded_at_us");
}

TEST(DeliveryCodec, KeepsAStatus) {
  const SpoolStatus empty;
  EXPECT_EQ(decode(encode(empty)), empty);
  const SpoolStatus full{.results = 7,
                         .bytes = 4096,
                         .oldest_measured_at = WallTime{Micros{1}},
                         .lost = 3,
                         .error = "the disk is full",
                         .set_aside_at = WallTime{Micros{2}}};
  EXPECT_EQ(decode(encode(full)), full);
}

TEST(DeliveryCodec, RefusesAStatusOutOfItsBounds) {
  v1::AgentStatus message = encode(SpoolStatus{});
  message.set_spool_error(std::string(1025, 'x'));
  EXPECT_EQ(decode(message).error().field, "status.spool_error");
  message = encode(SpoolStatus{});
  message.set_spool_set_aside_at_us(-1);
  EXPECT_EQ(decode(message).error().field, "status.spool_set_aside_at_us");
}

TEST(DeliveryCodec, GapReasonsHaveNames) {
  EXPECT_EQ(to_string(GapReason::kUnreported), "unreported");
  EXPECT_EQ(gap_reason_from_string("spool_write_failed"), GapReason::kSpoolWriteFailed);
  EXPECT_FALSE(gap_reason_from_string("other"));
}

}  // namespace
}  // namespace firstbyte
