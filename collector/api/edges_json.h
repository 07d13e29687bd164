// How edges are recognised and where they stand, as the API tells it.
#pragma once

#include <string>

#include "common/edge.h"

namespace firstbyte::collector {

// GET /edges; schema/openapi.json describes it, tests/golden/api/edges.json is an example.
std::string edges_json(const EdgeRules& edges);

}  // namespace firstbyte::collector
