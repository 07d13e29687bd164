// What is probed all the time, as plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/target.h"

namespace firstbyte {

// Checks are meant for seconds and more; shorter intervals are for tests that want many results.
inline constexpr std::chrono::milliseconds kMinInterval{100};
inline constexpr std::chrono::hours kMaxInterval{1};
// What one agent is asked to probe on a schedule.
inline constexpr std::size_t kMaxChecks = 1'000;

// A target that an agent probes on a schedule: at each slot, which is a whole number of intervals
// and the offset after the Unix epoch by the agent's own wall clock.
struct Check {
  std::uint64_t id = 0;  // of another target or another interval it is another one
  std::string name;
  Target target{};
  Micros interval{};
  Micros offset{};  // of this agent, so that agents are spread over the interval
  bool operator==(const Check&) const = default;
};

// All that one agent probes on a schedule.
struct Assignment {
  std::uint64_t revision = 0;  // the same as long as nothing of it changes
  std::vector<Check> checks{};
  bool operator==(const Assignment&) const = default;
};

// 1 to 64 of a-z, 0-9, '-', '_' and '.', as an agent's id.
inline bool is_check_name(std::string_view text) { return is_agent_id(text); }

}  // namespace firstbyte
