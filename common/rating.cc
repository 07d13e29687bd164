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
  return rate(measurement.failure.has_value(), measurement.status, measurement.timings.ttfb());
}

Rating rate(bool probe_failed, std::optional<int> status, std::optional<Micros> ttfb) {
  if (probe_failed || !ttfb || status.value_or(0) >= kFirstErrorStatus) return Rating::kFailed;
  if (*ttfb < kExcellentBelow) return Rating::kExcellent;
  return *ttfb < kGoodBelow ? Rating::kGood : Rating::kSlow;
}

}  // namespace firstbyte
