// Tests, comparisons and agents as the API tells them, as far as the terminal shows them.
// Everything in them came from outside: printable() before it is printed.
#pragma once

#include <array>
#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "common/measurement.h"

namespace firstbyte::cli {

// Durations, or differences of them.
struct TimesView {
  std::array<std::optional<Micros>, kPhaseCount> phases;
  std::optional<Micros> other;
  std::optional<Micros> ttfb;
};

struct FailureView {
  std::string phase;  // empty outside any
  std::string origin;
  std::string cause;
  std::string message;
};

struct ResultView {
  TimesView times;
  std::string rating;  // empty where nothing was measured
  std::optional<int> status;
  std::string edge;
  std::optional<FailureView> failure;
};

struct CityView {
  std::string agent_id;
  std::string city;
  CityState state = CityState::kDispatched;
  std::optional<ResultView> result;
};

// Missing data is neither: a city whose agent was away, said nothing, or failed itself.
enum class Outcome : std::uint8_t { kAnswered, kFailed, kNoData, kRunning };
Outcome outcome_of(const CityView& city);

struct TestView {
  std::string id;
  std::string url;
  std::vector<CityView> cities;
};

struct ComparedCity {
  std::string city;
  std::string change;         // "moved", "failed", ...
  std::optional<bool> moved;  // absent where nobody knows
  TimesView delta;            // after less before
  std::optional<CityView> before;
  std::optional<CityView> after;
};

struct ComparisonView {
  std::string before_id;
  std::string after_id;
  bool same_target = true;
  std::vector<ComparedCity> cities;
};

struct AgentView {
  std::string id;
  std::string city;
  std::string state;
  std::string version;
  std::vector<std::string> capabilities;
  std::string last_seen_at;
  std::optional<Micros> clock_offset;
  std::optional<Micros> clock_error;
  std::int64_t lost_results = 0;
};

// Errors say that it is not what a collector says.
Expected<TestView> read_test(const boost::json::object& test);
// An event of a city does not tell again who it is: `city` is empty.
Expected<CityView> read_city(const boost::json::object& city);
Expected<ComparisonView> read_comparison(const boost::json::object& comparison);
Expected<std::vector<AgentView>> read_agents(const boost::json::object& agents);

}  // namespace firstbyte::cli
