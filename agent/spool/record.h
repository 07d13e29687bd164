// What the spool holds: results as they will be sent, and gaps in the place of those that are lost.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "common/clock.h"
#include "common/delivery.h"
#include "common/measurement.h"

namespace firstbyte::agent {

// A v1::Measurement, encoded.
struct EncodedResult {
  WallTime measured_at;
  std::string bytes;
  std::optional<CheckSlot> slot{};  // that it tells of
  bool ordered = false;             // by a test: somebody waits for it
};

struct SpooledRecord {
  std::uint64_t sequence = 0;  // of a gap its last
  std::variant<std::string, Gap> body;
};

// The collector ends the stream at a message of more than 8 MiB, this time and the next, so what is
// larger than 7 goes without its samples.
inline constexpr std::size_t kMaxResultBytes = 7 * 1024 * 1024;
EncodedResult encode_result(const Measurement& measurement);

}  // namespace firstbyte::agent
