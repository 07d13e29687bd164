// Two tests side by side, city by city: who is answered by another edge now, who fails, who is
// fast again, and what each phase took more or less.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "collector/analysis/header_comparison.h"
#include "collector/store/store.h"
#include "common/edge.h"

namespace firstbyte::collector {

// What happened to a city between two tests; of several the first of these that holds, and in this
// order cities are told.
enum class Change : std::uint8_t {
  kFailed,      // answered well before, and does not now
  kMoved,       // both answered, another edge each
  kRecovered,   // answers well now, and did not before
  kPending,     // one of the tests has not ended here yet
  kNoData,      // one of the tests knows nothing of it: offline, timed out, or the agent failed
  kBeforeOnly,  // was not chosen for the later test
  kAfterOnly,   // was not chosen for the earlier one
  kUnchanged,   // whatever the times say: they are in the delta
};
inline constexpr std::size_t kChangeCount = 8;
inline constexpr std::array<Change, kChangeCount> kChanges{
    Change::kFailed, Change::kMoved,      Change::kRecovered, Change::kPending,
    Change::kNoData, Change::kBeforeOnly, Change::kAfterOnly, Change::kUnchanged};
std::string_view to_string(Change change);

// After less before; absent where one of them has no such time.
struct TimingsDelta {
  std::array<std::optional<Micros>, kPhaseCount> phases{};
  std::optional<Micros> other;
  std::optional<Micros> ttfb;
  std::optional<Micros> total;
  bool operator==(const TimingsDelta&) const = default;
};

struct CityComparison {
  Change change = Change::kUnchanged;
  // Answered by another edge; it may fail, or have failed, all the same. Absent where it is not
  // known who answered on both sides.
  std::optional<bool> moved;
  TimingsDelta delta;
  // At least one of the two; they point into the tests.
  const TestCity* before = nullptr;
  const TestCity* after = nullptr;
};

struct Comparison {
  // The same URL, asked for in the same way. Otherwise the times differ for that, too.
  bool same_target = false;
  // By change, and then as the later test has them; those of the earlier test alone in its order.
  std::vector<CityComparison> cities;
  std::vector<HeaderChange> header_changes;
  std::vector<HeaderDifference> header_differences;  // between the cities of the later test

  std::size_t count(Change change) const;
  std::size_t moved() const;  // whatever else happened to them
  // How often each status came; absent is no answer at all. Cities of which nothing is known are
  // not among them.
  std::map<std::optional<int>, std::size_t> statuses_before;
  std::map<std::optional<int>, std::size_t> statuses_after;
};

// The tests outlive what is returned. `edges` says who answered.
Comparison compare(const Test& before, const Test& after, const EdgeRules& edges);

}  // namespace firstbyte::collector
