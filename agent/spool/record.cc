#include "agent/spool/record.h"

#include <spdlog/spdlog.h>

#include "proto/codec.h"

namespace firstbyte::agent {

EncodedResult encode_result(const Measurement& measurement) {
  v1::Measurement message = encode(measurement);
  if (message.ByteSizeLong() > kMaxResultBytes) {
    spdlog::warn("a result of {} bytes goes without its samples: the collector takes up to {}",
                 message.ByteSizeLong(), kMaxResultBytes);
    message.clear_samples();
  }
  // Nothing else of a measurement is that large, short of redirects that somebody made so.
  if (message.ByteSizeLong() > kMaxResultBytes) message.clear_redirects();
  if (message.ByteSizeLong() > kMaxResultBytes) {
    message.clear_headers();
    message.set_headers_truncated(true);
  }
  return {.measured_at = measurement.measured_at,
          .bytes = message.SerializeAsString(),
          .slot = measurement.slot,
          .ordered = !measurement.test_id.empty()};
}

}  // namespace firstbyte::agent
