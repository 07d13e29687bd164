// Whether each line of a hypothesis held, with the number that says so.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "collector/drills/hypothesis.h"
#include "collector/drills/recovery.h"

namespace firstbyte::collector {

enum class Verdict : std::uint8_t {
  kHolds,
  kBroken,
  kNotMeasured,  // what is missing could have turned it either way
};
std::string_view to_string(Verdict verdict);

// A number in its metric's unit, between what it would be if each slot without data had failed and
// if it had not been due. Infinite: it did not happen before the end, or nobody answered.
struct Reading {
  double least = 0;
  double most = 0;
  bool operator==(const Reading&) const = default;
};

struct Judgement {
  Verdict verdict = Verdict::kNotMeasured;
  // Absent where there was nothing to measure: no city moved, none takes part.
  std::optional<Reading> measured;
};

// A city of a drill, as measured and as found.
struct DrilledCity {
  const CitySlots* slots = nullptr;
  Recovery recovery;
};

// `injected`: slots from it on are judged. A hypothesis that names a city is judged by that city
// alone.
Judgement judge(const Hypothesis& hypothesis, const std::vector<DrilledCity>& cities,
                const Moment& injected);

// Broken when a line is; else not measured when that is so of a line.
Verdict overall(const std::vector<Judgement>& judgements);

}  // namespace firstbyte::collector
