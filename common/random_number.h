// Names that nobody else has, made without asking anybody.
#pragma once

#include <cstdint>

namespace firstbyte {

// 64 random bits of the system, never 0. Names, not secrets.
std::uint64_t random_number();

}  // namespace firstbyte
