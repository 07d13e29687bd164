// What a collector says, for tests of what is made of it.
#pragma once

#include <boost/json.hpp>
#include <string>

#include "cli/json_parts.h"
#include "cli/views.h"
#include "tests/fakes/collector_golden.h"

namespace firstbyte::cli {

inline boost::json::object golden_object(const std::string& name) {
  return parse_object(fakes::read_text(fakes::golden_folder() / "api" / name)).value();
}

inline TestView golden_test() { return read_test(golden_object("test-finished.json")).value(); }

inline ComparisonView golden_comparison() {
  return read_comparison(golden_object("comparison.json")).value();
}

inline CityView answered_city(const std::string& name, Micros ttfb,
                              const std::string& edge = "ams1") {
  ResultView result;
  result.times.ttfb = ttfb;
  result.rating = "good";
  result.status = 200;
  result.edge = edge;
  return {.agent_id = name, .city = name, .state = CityState::kFinished, .result = result};
}

inline CityView failed_city(const std::string& name, const std::string& origin = "target") {
  ResultView result;
  result.rating = "failed";
  result.failure = FailureView{"connect", origin, "refused", "it refused"};
  return {.agent_id = name, .city = name, .state = CityState::kFailed, .result = result};
}

}  // namespace firstbyte::cli
