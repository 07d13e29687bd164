#include "lab/health/health_rule.h"

#include <algorithm>

namespace firstbyte::health {

std::optional<Verdict> HealthRule::count(bool good) {
  // Both stop at what is asked for, so that no number of rounds overflows them.
  good_in_a_row_ = good ? std::min(rise_, good_in_a_row_ + 1) : 0;
  bad_in_a_row_ = good ? 0 : std::min(fall_, bad_in_a_row_ + 1);
  const bool enough = good ? good_in_a_row_ == rise_ : bad_in_a_row_ == fall_;
  const Verdict round = good ? Verdict::kUp : Verdict::kDown;
  if (!enough || verdict_ == round) return std::nullopt;
  verdict_ = round;
  return verdict_;
}

}  // namespace firstbyte::health
