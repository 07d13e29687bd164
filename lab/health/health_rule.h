// When single rounds add up to "it is down". One thread.
#pragma once

#include <optional>

namespace firstbyte::health {

enum class Verdict { kDown, kUp };

// Down after `fall` bad rounds in a row, up after `rise` good ones. Nothing is known at first: a
// watcher that was started anew must not take for announced what the last one withdrew.
class HealthRule {
 public:
  HealthRule(int fall, int rise) : fall_(fall), rise_(rise) {}

  // What this round changes; absent: nothing.
  std::optional<Verdict> count(bool good);

 private:
  const int fall_;
  const int rise_;
  int bad_in_a_row_ = 0;
  int good_in_a_row_ = 0;
  std::optional<Verdict> verdict_;
};

}  // namespace firstbyte::health
