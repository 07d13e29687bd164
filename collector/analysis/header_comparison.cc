#include "collector/analysis/header_comparison.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace firstbyte::collector {
namespace {

using Values = std::map<std::string_view, std::string>;
using Value = std::optional<std::string>;

// Of the time or of the single request; kept in alphabetical order.
constexpr std::array<std::string_view, 17> kOfEachAnswer{"age",
                                                         "cf-ray",
                                                         "date",
                                                         "expires",
                                                         "server-timing",
                                                         "traceparent",
                                                         "x-amz-cf-id",
                                                         "x-amz-id-2",
                                                         "x-amz-request-id",
                                                         "x-amzn-requestid",
                                                         "x-amzn-trace-id",
                                                         "x-cache-hits",
                                                         "x-correlation-id",
                                                         "x-request-id",
                                                         "x-response-time",
                                                         "x-runtime",
                                                         "x-timer"};
static_assert(std::ranges::is_sorted(kOfEachAnswer));

bool is_compared(std::string_view name, std::string_view value, const EdgeRules& edges) {
  return value != kRedacted && !edges.is_edge_header(name) &&
         !std::ranges::binary_search(kOfEachAnswer, name);
}

Values values_of(const Headers& headers, const EdgeRules& edges) {
  Values values;
  for (const auto& [name, value] : headers) {
    if (!is_compared(name, value, edges)) continue;
    const auto [place, first] = values.try_emplace(name, value);
    if (!first) place->second.append(", ").append(value);
  }
  return values;
}

Value find(const Values& values, std::string_view name) {
  const auto found = values.find(name);
  return found == values.end() ? Value{} : Value{found->second};
}

// Both answers of the cities that have both.
struct Pair {
  std::string_view agent;
  Values before;
  Values after;
};

// Nobody agrees with anybody, not even with itself: another one with each answer.
bool is_of_each_answer(const std::vector<Pair>& pairs, std::string_view name) {
  constexpr std::size_t kEnoughToTell = 3;
  std::set<Value> seen;
  for (const Pair& pair : pairs) {
    seen.insert(find(pair.before, name));
    seen.insert(find(pair.after, name));
  }
  return pairs.size() >= kEnoughToTell && seen.size() == 2 * pairs.size();
}

}  // namespace

std::vector<HeaderChange> compare_headers(const std::vector<AnswersOfCity>& cities,
                                          const EdgeRules& edges) {
  std::vector<Pair> pairs;
  std::set<std::string_view> names;
  for (const AnswersOfCity& city : cities) {
    if (city.before == nullptr || city.after == nullptr) continue;
    const Pair& pair = pairs.emplace_back(city.agent, values_of(*city.before, edges),
                                          values_of(*city.after, edges));
    for (const Values* values : {&pair.before, &pair.after}) {
      for (const auto& [name, value] : *values) names.insert(name);
    }
  }
  std::vector<HeaderChange> changes;
  for (const std::string_view name : names) {
    if (is_of_each_answer(pairs, name)) continue;
    std::map<std::pair<Value, Value>, std::vector<std::string>> ways;
    for (const Pair& pair : pairs) {
      Value before = find(pair.before, name);
      Value after = find(pair.after, name);
      if (before != after) ways[{std::move(before), std::move(after)}].emplace_back(pair.agent);
    }
    for (const auto& [way, agents] : ways)
      changes.push_back({std::string(name), way.first, way.second, agents});
  }
  return changes;
}

std::vector<HeaderDifference> header_differences(const std::vector<AnswersOfCity>& cities,
                                                 const EdgeRules& edges) {
  std::vector<std::pair<std::string_view, Values>> answers;
  std::set<std::string_view> names;
  for (const AnswersOfCity& city : cities) {
    if (city.after == nullptr) continue;
    const auto& [agent, values] = answers.emplace_back(city.agent, values_of(*city.after, edges));
    for (const auto& [name, value] : values) names.insert(name);
  }
  std::vector<HeaderDifference> differences;
  for (const std::string_view name : names) {
    std::map<Value, std::vector<std::string>> groups;
    for (const auto& [agent, values] : answers) groups[find(values, name)].emplace_back(agent);
    if (groups.size() < 2) continue;
    HeaderDifference difference{.name = std::string(name), .values = {}};
    for (auto& [value, agents] : groups) difference.values.push_back({value, std::move(agents)});
    std::ranges::sort(difference.values, [](const auto& left, const auto& right) {
      return std::tuple(right.agents.size(), left.value) <
             std::tuple(left.agents.size(), right.value);
    });
    const bool most_agree = 2 * difference.values.front().agents.size() > answers.size();
    if (most_agree) differences.push_back(std::move(difference));
  }
  return differences;
}

}  // namespace firstbyte::collector
