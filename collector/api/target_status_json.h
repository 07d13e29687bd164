// How the checks go, as the API shows it.
#pragma once

#include <string>
#include <vector>

#include "collector/checks/check_plan.h"
#include "collector/dispatch/agent_registry.h"
#include "collector/store/store.h"

namespace firstbyte::collector {

// GET /targets; schema/openapi.json describes it, tests/golden/api/targets.json is an example.
// `records` are by check and by agent, and those of agents that the plan does not mean are left
// out; `agents` are those that are connected; `now` is this collector's.
std::string targets_json(const CheckPlan& plan, const std::vector<CheckRecord>& records,
                         const AgentRegistry& agents, WallTime now);

}  // namespace firstbyte::collector
