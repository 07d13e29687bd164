#include "agent/spool/record.h"

#include <gtest/gtest.h>

#include "proto/codec.h"
#include "tests/fakes/spool_measurements.h"

namespace firstbyte::agent {
namespace {

TEST(Record, IsTheMeasurementAsItIsSent) {
  const Measurement measurement = fakes::CdnResults().next(fakes::kNoon);
  const EncodedResult result = encode_result(measurement);
  EXPECT_EQ(result.measured_at, fakes::kNoon);
  v1::Measurement message;
  ASSERT_TRUE(message.ParseFromString(result.bytes));
  EXPECT_EQ(decode(message).value(), measurement);
}

TEST(Record, GoesWithoutItsSamplesWhenTheCollectorWouldNotTakeIt) {
  Measurement measurement = fakes::spooled("t");
  measurement.samples.assign(100, measurement);
  for (Measurement& sample : measurement.samples) {
    sample.headers.assign(100, {"name", std::string(1'000, 'v')});
  }
  v1::Measurement message;
  ASSERT_TRUE(message.ParseFromString(encode_result(measurement).bytes));
  measurement.samples.clear();
  EXPECT_EQ(decode(message).value(), measurement);
}

// Regression: only samples were left out, so that what was still too large was sent for ever.
TEST(Record, IsNeverLargerThanTheCollectorTakes) {
  Measurement measurement = fakes::spooled("t");
  measurement.redirects.assign(10, measurement);
  for (Measurement& redirect : measurement.redirects) {
    redirect.headers.assign(100, {"name", std::string(10'000, 'v')});
  }
  v1::Measurement message;
  ASSERT_TRUE(message.ParseFromString(encode_result(measurement).bytes));
  EXPECT_EQ(message.redirects_size(), 0);
  measurement.headers.assign(10'000, {"name", std::string(1'000, 'v')});
  const EncodedResult result = encode_result(measurement);
  EXPECT_LE(result.bytes.size(), kMaxResultBytes);
  ASSERT_TRUE(message.ParseFromString(result.bytes));
  EXPECT_TRUE(message.headers_truncated());
  EXPECT_EQ(message.test_id(), "t");
}

TEST(Record, OfWhatTakesMuchMemoryMuchIsSaid) {
  fakes::CdnResults cdn;
  const Measurement one = cdn.next(fakes::kNoon);
  Measurement many = one;
  many.samples.assign(10, one);
  many.samples.front().redirects.assign(4, one);
  EXPECT_GT(memory_of(one), encode_result(one).bytes.size());
  EXPECT_GE(memory_of(many), 15 * memory_of(one));
}

}  // namespace
}  // namespace firstbyte::agent
