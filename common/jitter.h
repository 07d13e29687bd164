// Spreads what would otherwise happen at the same moment.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace firstbyte {

// Where in its period the series of this name lies, at least 0 and less than `period`: the same for
// the same seed and name on every machine, and as good as random for others, so that many series,
// or the same one on many agents, do not start together.
std::chrono::nanoseconds jitter(std::uint64_t seed, std::string_view name,
                                std::chrono::duration<double, std::nano> period);

}  // namespace firstbyte
