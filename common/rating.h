// How good an answer was, in the words of the page.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "common/measurement.h"

namespace firstbyte {

enum class Rating : std::uint8_t { kExcellent, kGood, kSlow, kFailed };
std::string_view to_string(Rating rating);

// TTFB under 50 ms is excellent, under 100 ms good, else slow. Failed is a probe that failed, be it
// after the first byte, and an answer with status 400 or above: an error page is no success.
Rating rate(const Measurement& measurement);
// The same of what is known of one in short.
Rating rate(bool probe_failed, std::optional<int> status, std::optional<Micros> ttfb);

}  // namespace firstbyte
