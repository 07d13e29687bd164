// Agents as the API and the metrics show them. What a connected one says stands for it; of the
// others the last that is known, with the time it is of.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "collector/dispatch/agent_registry.h"
#include "collector/store/store.h"

namespace firstbyte::collector {

struct AgentView {
  AgentRecord record;  // with the present description and condition where it is connected
  std::optional<WallTime> connected_since;
  // Of one that is connected.
  std::vector<std::string> capabilities{};
};

// Every agent of the store, and those that connected before their record was written.
std::vector<AgentView> view_agents(std::vector<AgentRecord> records,
                                   const std::vector<ConnectedAgent>& connected);

// How old the oldest spooled result was when the agent said so; absent where it has none.
std::optional<Micros> oldest_age(const AgentCondition& condition);

// GET /agents; schema/openapi.json describes it, tests/golden/api/agents.json is an example.
std::string agents_json(const std::vector<AgentView>& agents);

}  // namespace firstbyte::collector
