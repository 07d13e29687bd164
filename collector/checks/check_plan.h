// What is to be probed on a schedule, and by whom. Constant, so thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/check.h"
#include "common/measurement.h"

namespace firstbyte::collector {

// A target as it is configured.
struct ConfiguredTarget {
  Check check;                      // with its id; the offset is each agent's own
  std::vector<std::string> cities;  // cities' names or agents' ids; empty: all
};

// The id of a check, the same in every run: a digest of its name, what it asks for (but for the
// values of secrets), and its interval.
std::uint64_t check_id(const Check& check);

// Whether this agent is to probe it.
bool is_meant(const AgentIdentity& agent, const ConfiguredTarget& target);

class CheckPlan {
 public:
  CheckPlan() = default;
  explicit CheckPlan(std::vector<ConfiguredTarget> targets) : targets_(std::move(targets)) {}

  // In the order of the file.
  const std::vector<ConfiguredTarget>& targets() const { return targets_; }
  Assignment of(const AgentIdentity& agent) const;
  // Of the slots at this agent: as good as random, so that agents, and the checks of one, are
  // spread.
  static Micros offset_of(const Check& check, const std::string& agent_id);

 private:
  std::vector<ConfiguredTarget> targets_;
};

}  // namespace firstbyte::collector
