#include "common/jitter.h"

#include <random>
#include <vector>

namespace firstbyte {

std::chrono::nanoseconds jitter(std::uint64_t seed, std::string_view name,
                                std::chrono::duration<double, std::nano> period) {
  // Of the standard's generators, unlike of its distributions, every library gives the same
  // numbers.
  std::vector<std::uint32_t> words{static_cast<std::uint32_t>(seed),
                                   static_cast<std::uint32_t>(seed >> 32)};
  words.insert(words.end(), name.begin(), name.end());
  std::seed_seq mixed(words.begin(), words.end());
  const double share = static_cast<double>(std::mt19937(mixed)()) / 0x1p32;
  return std::chrono::floor<std::chrono::nanoseconds>(share * period);
}

}  // namespace firstbyte
