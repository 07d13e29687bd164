#include "common/rating.h"

#include <array>

namespace firstbyte {
namespace {

constexpr Micros kExcellentBelow = std::chrono::milliseconds{50};
constexpr Micros kGoodBelow = std::chrono::milliseconds{100};
constexpr int kFirstErrorStatus = 400;

}  // namespace

std::string_view to_string(Rating rating) {
  constexpr std::array<std::string_view, 4> kNames{"excellent", "good", "slow", "failed"};
  return kNames.at(static_cast<std::size_t>(rating));
}

Rating rate(const Measurement& measurement) {
  const std::optional<Micros> ttfb = measurement.timings.ttfb();
  if (measurement.failure || !ttfb || measurement.status.value_or(0) >= kFirstErrorStatus) {
    return Rating::kFailed;
  }
  if (*ttfb < kExcellentBelow) return Rating::kExcellent;
  return *ttfb < kGoodBelow ? Rating::kGood : Rating::kSlow;
}

}  // namespace firstbyte
