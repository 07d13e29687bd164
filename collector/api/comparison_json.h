// Two tests side by side, as the API tells it.
#pragma once

#include <string>

#include "collector/store/store.h"
#include "common/edge.h"

namespace firstbyte::collector {

// GET /comparisons; schema/openapi.json describes it, tests/golden/api/comparison.json is an
// example. `edges` says who answered.
std::string comparison_json(const Test& before, const Test& after, const EdgeRules& edges);

}  // namespace firstbyte::collector
