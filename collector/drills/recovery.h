// What a city went through when an edge was taken away: whom it was answered by before and after,
// what failed in between, and for how long.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "collector/drills/slot.h"

namespace firstbyte::collector {

// So many answers in a row, of one edge and with nothing else between them, are stable.
inline constexpr std::size_t kVerifiedBy = 5;
// A baseline is steady when so large a share of its slots was answered by one edge.
inline constexpr double kSteadyShare = 0.95;
// Fewer slots say nothing of a median.
inline constexpr std::size_t kLeastBaselineSlots = 10;

// When something happened that only shows at slots, and how far off that may be, either way.
struct Moment {
  WallTime at{};
  Micros error{};
  bool operator==(const Moment&) const = default;
};

// A measured length of time: the truth lies within `error` of it.
struct Elapsed {
  Micros length{};
  Micros error{};
  bool operator==(const Elapsed&) const = default;
};

// How slots came out.
struct Tally {
  std::size_t expected = 0;
  std::size_t answered = 0;
  std::size_t failed = 0;
  std::size_t no_data = 0;
  std::size_t skipped = 0;
  // Of those answered: only after a segment was sent again. Slow, and no failure.
  std::size_t resent = 0;
  bool operator==(const Tally&) const = default;
};

// What was usual in a stretch of slots.
struct Level {
  std::string edge;  // the one that most answers came from
  Tally tally;
  // Of the answers of that edge; absent where there are none. Nearest rank.
  std::optional<Micros> ttfb_median;
  std::optional<Micros> ttfb_p95;
  std::array<std::optional<Micros>, kPhaseCount> phase_medians{};
};

enum class Course : std::uint8_t {
  kUnaffected,   // every slot answered, by the same edge
  kMoved,        // another edge answers, and nothing failed on the way
  kInterrupted,  // probes failed, and then the same edge answered again
  kRerouted,     // probes failed, and then another edge answered
  kLost,         // it has not been well again
  kUnknown,      // no steady baseline, or too much missing to tell
};
std::string_view to_string(Course course);

struct Recovery {
  Course course = Course::kUnknown;
  Level before;
  Level after;  // from `stable_since` on; empty where it did not become stable
  // From the injection to the end.
  Tally tally;
  // Each absent where it did not happen. Times of answers are those of their first byte.
  std::optional<Moment> last_old_answer;   // of the edge before, ahead of the first other one
  std::optional<Moment> first_failure;     // when the probe that failed was due
  std::optional<Moment> first_new_answer;  // of the edge that it ended with
  std::optional<Moment> stable_since;      // the first of kVerifiedBy answers, and no failure after
  // From the injection to the first answer of the new edge.
  std::optional<Elapsed> rerouted_after;
  // As clients felt it: from each last good answer before failures to the next good one, together.
  std::optional<Elapsed> outage;
};

// `injected`: T0. The slots before it are the baseline; those within its error belong to neither.
Recovery recovery_of(const CitySlots& city, const Moment& injected);

}  // namespace firstbyte::collector
