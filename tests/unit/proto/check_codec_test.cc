#include <gtest/gtest.h>

#include <functional>

#include "proto/codec.h"

namespace firstbyte {
namespace {

using std::chrono::milliseconds;

Assignment assignment() {
  Target post{.url = "https://b.example/"};
  post.method = Method::kPost;
  post.headers = {{"authorization", "Bearer x"}};
  post.timeout = milliseconds{400};
  return {.revision = 0xfedcba9876543210,
          .checks = {{1, "front", {.url = "https://a.example/"}, milliseconds{30'000}, {}},
                     {0xffffffffffffffff, "api-1", post, milliseconds{500}, milliseconds{499}}}};
}

Measurement measurement() {
  Measurement m;
  m.url = "http://a/";
  m.slot =
      CheckSlot{0xfedcba9876543210, WallTime{Micros{1'790'000'000'250'000}}, Micros{310}, 7, true};
  return m;
}

TEST(CheckCodec, KeepsAnAssignment) {
  v1::Assignment received;
  ASSERT_TRUE(received.ParseFromString(encode(assignment()).SerializeAsString()));
  EXPECT_EQ(decode(received), assignment());
}

TEST(CheckCodec, KeepsAnAssignmentOfNothing) {
  EXPECT_EQ(decode(encode(Assignment{.revision = 3})), Assignment{.revision = 3});
}

TEST(CheckCodec, KeepsTheSlotOfAMeasurement) {
  EXPECT_EQ(decode(encode(measurement())), measurement());
}

TEST(CheckCodec, AMeasurementOfATestHasNoSlot) {
  Measurement m = measurement();
  m.slot.reset();
  EXPECT_EQ(decode(encode(m)).value().slot, std::nullopt);
}

// ---- what is refused

std::string refusal(const std::function<void(v1::Assignment&)>& spoil) {
  v1::Assignment message = encode(assignment());
  spoil(message);
  const auto decoded = decode(message);
  return decoded ? "" : decoded.error().message;
}

TEST(CheckCodec, RefusesAnAssignmentThatBreaksABound) {
  const auto first = [](v1::Assignment& message) { return message.mutable_checks(0); };
  EXPECT_EQ(refusal([&](v1::Assignment& m) { first(m)->set_name("Front Page"); }),
            "check.name is not a valid name");
  EXPECT_EQ(refusal([&](v1::Assignment& m) { first(m)->set_interval_us(99'999); }),
            "check.interval_us is not between 100000 and 3600000000");
  EXPECT_EQ(refusal([&](v1::Assignment& m) { first(m)->set_interval_us(3'600'000'001); }),
            "check.interval_us is not between 100000 and 3600000000");
  EXPECT_EQ(refusal([&](v1::Assignment& m) { first(m)->set_offset_us(30'000'000); }),
            "check.offset_us is not less than the interval");
  EXPECT_EQ(refusal([&](v1::Assignment& m) { first(m)->clear_target(); }),
            "order.target.url is missing");
  EXPECT_EQ(refusal([&](v1::Assignment& m) { m.mutable_checks(1)->set_id(1); }),
            "check.id is there twice");
  EXPECT_EQ(refusal([&](v1::Assignment& m) {
              for (int i = 0; i < 1'000; ++i) *m.add_checks() = m.checks(0);
            }),
            "assignment.checks has more than 1000 entries");
}

TEST(CheckCodec, RefusesASlotThatBreaksABound) {
  const auto refused = [](const std::function<void(v1::Slot&)>& spoil) {
    v1::Measurement message = encode(measurement());
    spoil(*message.mutable_slot());
    return decode(message).error().field;
  };
  EXPECT_EQ(refused([](v1::Slot& slot) { slot.set_scheduled_at_us(-1); }), "slot.scheduled_at_us");
  EXPECT_EQ(refused([](v1::Slot& slot) { slot.set_late_us(1ULL << 63); }), "slot.late_us");
  EXPECT_EQ(refused([](v1::Slot& slot) { slot.set_skipped(1ULL << 63); }), "slot.skipped");
}

TEST(CheckCodec, RefusesASlotOfASample) {
  Measurement m = measurement();
  m.samples = {measurement()};
  EXPECT_EQ(decode(encode(m)).error().message, "slot is of a part of a probe");
}

}  // namespace
}  // namespace firstbyte
