// What a drill knows of one city: one entry for each slot of its schedule, whether or not a probe
// came of it. Percentiles and shares count slots, so a probe that could not start is not forgotten.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/measurement.h"

namespace firstbyte::collector {

enum class SlotOutcome : std::uint8_t {
  kAnswered,  // an answer that is rated better than failed
  kFailed,    // the target failed, the network or the resolver, or the status was 400 or above
  kNoData,    // nothing arrived, or the agent itself failed
  kSkipped,   // the agent says that it did not start a probe
};

// Times are the agent's, corrected to the collector's clock.
struct Slot {
  WallTime scheduled_at{};
  SlotOutcome outcome = SlotOutcome::kNoData;
  // Of kAnswered and kFailed.
  WallTime started_at{};
  WallTime ended_at{};
  std::string edge{};  // empty: no header said who answered
  std::optional<Micros> ttfb{};
  std::array<std::optional<Micros>, kPhaseCount> phases{};
  std::uint32_t resent = 0;  // segments, the SYN included
  std::optional<Failure> failure{};
};

// A city through a drill.
struct CitySlots {
  std::string agent_id;
  std::string city;
  // Between two slots: nothing of this city is known more precisely than that.
  Micros interval{};
  // The largest bound on how wrong the corrected times are.
  Micros clock_error{};
  std::vector<Slot> slots{};  // in the order of their schedule
};

}  // namespace firstbyte::collector
