// What is known of results on their way from an agent to the collector, and of those that never
// arrive.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/clock.h"

namespace firstbyte {

enum class GapReason : std::uint8_t {
  kSpoolFull,         // the spool had reached its bound on size
  kSpoolTooOld,       // or on age
  kSpoolWriteFailed,  // the agent's disk took nothing
  kSpoolUnreadable,   // what it had taken could not be read
  // Said by the collector alone: the agent went on after them without a word.
  kUnreported,
};
std::string_view to_string(GapReason reason);
std::optional<GapReason> gap_reason_from_string(std::string_view text);

// Consecutive results of one boot of an agent that are known to be lost.
struct Gap {
  std::uint64_t first = 0;  // sequences, both inclusive
  std::uint64_t last = 0;
  GapReason reason = GapReason::kSpoolFull;
  WallTime recorded_at{};  // when the last of them was given up, by the agent's clock
  std::uint64_t count() const { return last - first + 1; }
  bool operator==(const Gap&) const = default;
};

// How an agent's spool is.
struct SpoolStatus {
  std::uint64_t results = 0;
  std::uint64_t bytes = 0;                     // its files
  std::optional<WallTime> oldest_measured_at;  // by the agent's clock
  std::uint64_t lost = 0;                      // results in gaps of this boot
  std::string error;                           // why results are not durable; empty: they are
  std::optional<WallTime> set_aside_at;        // when a spool that could not be read was put aside
  bool operator==(const SpoolStatus&) const = default;
};

}  // namespace firstbyte
