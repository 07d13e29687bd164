// Which response headers differ between two tests, and between the cities of one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/edge.h"

namespace firstbyte::collector {

// A header that is another one now; in the same way in all of these cities.
struct HeaderChange {
  std::string name;
  std::optional<std::string> before;  // repeated ones joined by ", "; absent: it was not there
  std::optional<std::string> after;
  std::vector<std::string> agents;
  bool operator==(const HeaderChange&) const = default;
};

// A header that most cities agree about, and others do not.
struct HeaderDifference {
  struct Value {
    std::optional<std::string> value;  // absent: it is not there
    std::vector<std::string> agents;
    bool operator==(const Value&) const = default;
  };
  std::string name;
  std::vector<Value> values;  // the most frequent first
  bool operator==(const HeaderDifference&) const = default;
};

// One city's answers; they outlive the call.
struct AnswersOfCity {
  std::string_view agent;
  const Headers* before = nullptr;
  const Headers* after = nullptr;
};

// Headers that are another one with each answer (the date, the request's id), or name the edge,
// are of no interest to either; nor are secrets, whose values are not known.
std::vector<HeaderChange> compare_headers(const std::vector<AnswersOfCity>& cities,
                                          const EdgeRules& edges);
std::vector<HeaderDifference> header_differences(const std::vector<AnswersOfCity>& cities,
                                                 const EdgeRules& edges);

}  // namespace firstbyte::collector
