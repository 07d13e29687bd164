// A city through a drill, slot by slot, as a line of letters.
#pragma once

#include <string>
#include <string_view>

#include "collector/drills/recovery.h"

namespace firstbyte::collector::drill_examples {

inline constexpr Micros kInterval{200'000};
inline constexpr WallTime kStart{std::chrono::seconds{1'800'000'000}};

// When the slot of this index is due.
inline WallTime due(std::size_t index) { return kStart + kInterval * static_cast<int>(index); }

// n: ny1 answered in 34 ms; l: la1 in 231 ms; r: la1, after a segment was sent again; x: failed a
// second after its slot; -: no data; s: skipped.
inline CitySlots city(std::string_view letters, std::string id = "new-york") {
  CitySlots city{
      .agent_id = id, .city = "New York", .interval = kInterval, .clock_error = Micros{2'000}};
  for (const char letter : letters) {
    Slot slot{.scheduled_at = due(city.slots.size())};
    slot.started_at = slot.scheduled_at;
    switch (letter) {
      case 'n':
      case 'l':
      case 'r':
        slot.outcome = SlotOutcome::kAnswered;
        slot.edge = letter == 'n' ? "ny1" : "la1";
        slot.ttfb = letter == 'n' ? Micros{34'000} : Micros{231'000};
        slot.phases[0] = *slot.ttfb / 2;
        slot.resent = letter == 'r' ? 1 : 0;
        slot.ended_at = slot.started_at + *slot.ttfb;
        break;
      case 'x':
        slot.outcome = SlotOutcome::kFailed;
        slot.ended_at = slot.started_at + std::chrono::seconds{1};
        slot.failure = Failure{Phase::kConnect, Origin::kNetwork, Cause::kTimeout, "timed out"};
        break;
      case 's':
        slot.outcome = SlotOutcome::kSkipped;
        break;
      default:
        break;
    }
    city.slots.push_back(slot);
  }
  return city;
}

// Twenty slots, and then the injection.
inline constexpr std::string_view kBaseline = "nnnnnnnnnnnnnnnnnnnn";
inline const Moment kInjected{due(kBaseline.size()), Micros{0}};

inline CitySlots after_baseline(std::string_view letters, std::string id = "new-york") {
  return city(std::string(kBaseline) + std::string(letters), std::move(id));
}

}  // namespace firstbyte::collector::drill_examples
