// Tests as the JSON that the API speaks; schema/openapi.json describes it,
// tests/golden/api holds an example of each. Durations are microseconds, times RFC 3339 in UTC,
// what did not happen is null.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "collector/store/store.h"
#include "common/edge.h"

namespace firstbyte::collector {

// GET /tests/{id}, and the event `snapshot`. `edges` says who answered, here as below.
std::string test_json(const Test& test, const EdgeRules& edges);
// One city of it.
boost::json::object city_object(const TestCity& city, const EdgeRules& edges);
// The event `city`.
std::string city_json(const TestCity& city, const EdgeRules& edges);
// The event `done`: how many cities ended in which state.
std::string done_json(const Test& test);

}  // namespace firstbyte::collector
