// The tests of a URL, as the API lists them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "collector/store/store.h"

namespace firstbyte::collector {

// GET /tests; schema/openapi.json describes it, tests/golden/api/history.json is an example.
// `tests` are the newest first, and `older` says whether there are more.
std::string history_json(const std::vector<PastTest>& tests, bool older, WallTime now);

}  // namespace firstbyte::collector
