#include "common/random_number.h"

#include <random>

namespace firstbyte {

std::uint64_t random_number() {
  std::random_device device;
  std::uint64_t number = 0;
  while (number == 0) number = (std::uint64_t{device()} << 32) | device();
  return number;
}

}  // namespace firstbyte
