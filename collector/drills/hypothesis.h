// What is expected of a drill before anything is broken, as lines that a machine can check:
//
//   availability >= 99.5%              of the slots from the injection on, in all cities
//   availability(new-york) >= 95%      the same of one city
//   ttfb_p95 <= 300ms                  also ttfb_p50, ttfb_p99; a slot without an answer is slower
//   than all reroute <= 5s                      the slowest city that another edge answers
//   afterwards outage <= 2s                       the longest, as clients felt it failed_probes <=
//   20 moved_cities == 1, unaffected_cities >= 12 moved_to(new-york) in [la1, ams1]
//
// Blank lines and what follows a # say nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"

namespace firstbyte::collector {

enum class Metric : std::uint8_t {
  kAvailability,      // per cent
  kTtfb,              // microseconds
  kReroute,           // microseconds
  kOutage,            // microseconds
  kFailedProbes,      // probes
  kMovedCities,       // cities
  kUnaffectedCities,  // cities
  kMovedTo,           // one of `edges`
};

enum class Relation : std::uint8_t { kAtLeast, kAtMost, kMoreThan, kLessThan, kEquals };

struct Hypothesis {
  std::string text;  // the line as it was written, without comment and surrounding blanks
  Metric metric = Metric::kAvailability;
  double percentile = 0;  // of kTtfb: 50, 95, 99
  std::string city;       // an agent's id or its city as kebab-case; empty: all of them
  Relation relation = Relation::kAtLeast;
  double bound = 0;  // in the metric's unit
  std::vector<std::string> edges;
};

inline constexpr std::size_t kMaxHypotheses = 32;
inline constexpr std::size_t kMaxHypothesisBytes = 200;

// `known_cities` are those that take part. The error names line and column, from 1, and what was
// expected there.
Expected<std::vector<Hypothesis>> parse_hypotheses(std::string_view lines,
                                                   const std::vector<std::string>& known_cities);

}  // namespace firstbyte::collector
