#include "collector/api/history_json.h"

#include <boost/json.hpp>

#include "collector/analysis/history.h"
#include "collector/api/json_parts.h"
#include "common/target_json.h"

namespace firstbyte::collector {
namespace {

namespace json = boost::json;

json::object test_object(const PastTest& test, WallTime now) {
  const TestSummary summary = summarize(test, now);
  return {{"id", json_text(test.id)},
          {"target", target_value(test.target)},
          {"state", summary.running > 0 ? "running" : "finished"},
          {"created_at", time_value(test.created_at)},
          {"cities", test.cities.size()},
          {"finished", summary.finished},
          {"failed", summary.failed},
          {"offline", summary.offline},
          {"timed_out", summary.timed_out},
          {"succeeded", summary.succeeded},
          {"median_ttfb_us", micros_value(summary.median_ttfb)},
          {"fastest_ttfb_us", micros_value(summary.fastest_ttfb)},
          {"slowest_ttfb_us", micros_value(summary.slowest_ttfb)}};
}

}  // namespace

std::string history_json(const std::vector<PastTest>& tests, bool older, WallTime now) {
  json::array list;
  for (const PastTest& test : tests) list.push_back(test_object(test, now));
  const json::value last = older ? json::value(json_text(tests.back().id)) : json::value(nullptr);
  return json::serialize(json::object{{"tests", std::move(list)}, {"older_than", last}});
}

}  // namespace firstbyte::collector
