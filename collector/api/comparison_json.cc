#include "collector/api/comparison_json.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "collector/analysis/comparison.h"
#include "collector/api/json_parts.h"
#include "collector/api/test_json.h"
#include "common/target_json.h"

namespace firstbyte::collector {
namespace {

namespace json = boost::json;

json::value text_value(const std::optional<std::string>& text) {
  return text ? json::value(json_text(*text)) : json::value(nullptr);
}

json::array names_array(const std::vector<std::string>& agents) {
  json::array array;
  for (const std::string& agent : agents) array.push_back(json_text(agent));
  return array;
}

json::object test_object(const Test& test) {
  return {{"id", json_text(test.id)},
          {"url", json_text(test.target.url)},
          {"target", target_value(test.target)},
          {"state", is_finished(test) ? "finished" : "running"},
          {"created_at", time_value(test.created_at)}};
}

json::object delta_object(const TimingsDelta& delta) {
  json::object object;
  for (const Phase phase : kPhases) {
    object[fmt::format("{}_us", to_string(phase))] =
        micros_value(delta.phases.at(static_cast<std::size_t>(phase)));
  }
  object["other_us"] = micros_value(delta.other);
  object["ttfb_us"] = micros_value(delta.ttfb);
  object["total_us"] = micros_value(delta.total);
  return object;
}

json::object city_comparison_object(const CityComparison& city, const EdgeRules& edges) {
  const auto side = [&edges](const TestCity* of) {
    return of != nullptr ? json::value(city_object(*of, edges)) : json::value(nullptr);
  };
  const TestCity& known = city.after != nullptr ? *city.after : *city.before;
  return {{"agent_id", json_text(known.agent.id)},
          {"change", json_text(to_string(city.change))},
          {"moved", city.moved ? json::value(*city.moved) : json::value(nullptr)},
          {"delta", delta_object(city.delta)},
          {"before", side(city.before)},
          {"after", side(city.after)}};
}

json::array statuses_array(const std::map<std::optional<int>, std::size_t>& statuses) {
  json::array array;
  for (const auto& [status, cities] : statuses) {
    array.push_back(
        json::object{{"status", status ? json::value(*status) : nullptr}, {"cities", cities}});
  }
  return array;
}

json::object summary_object(const Comparison& comparison) {
  json::object changes;
  for (const Change change : kChanges)
    changes[json_text(to_string(change))] = comparison.count(change);
  return {{"cities", comparison.cities.size()},
          {"moved", comparison.moved()},
          {"changes", std::move(changes)},
          {"statuses_before", statuses_array(comparison.statuses_before)},
          {"statuses_after", statuses_array(comparison.statuses_after)}};
}

json::object headers_object(const Comparison& comparison) {
  json::array changes;
  for (const HeaderChange& change : comparison.header_changes) {
    changes.push_back(json::object{{"name", json_text(change.name)},
                                   {"before", text_value(change.before)},
                                   {"after", text_value(change.after)},
                                   {"agent_ids", names_array(change.agents)}});
  }
  json::array differences;
  for (const HeaderDifference& difference : comparison.header_differences) {
    json::array values;
    for (const auto& [value, agents] : difference.values) {
      values.push_back(
          json::object{{"value", text_value(value)}, {"agent_ids", names_array(agents)}});
    }
    differences.push_back(
        json::object{{"name", json_text(difference.name)}, {"values", std::move(values)}});
  }
  return {{"changes", std::move(changes)}, {"differences", std::move(differences)}};
}

}  // namespace

std::string comparison_json(const Test& before, const Test& after, const EdgeRules& edges) {
  const Comparison comparison = compare(before, after, edges);
  json::array cities;
  for (const CityComparison& city : comparison.cities)
    cities.push_back(city_comparison_object(city, edges));
  return json::serialize(json::object{{"before", test_object(before)},
                                      {"after", test_object(after)},
                                      {"same_target", comparison.same_target},
                                      {"summary", summary_object(comparison)},
                                      {"headers", headers_object(comparison)},
                                      {"cities", std::move(cities)}});
}

}  // namespace firstbyte::collector
