// Two tests side by side, as the API tells it.
#pragma once

#include <string>

#include "collector/store/store.h"

namespace firstbyte::collector {

// GET /comparisons; schema/openapi.json describes it, tests/golden/api/comparison.json is an
// example.
std::string comparison_json(const Test& before, const Test& after);

}  // namespace firstbyte::collector
