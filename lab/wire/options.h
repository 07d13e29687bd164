// The command line of firstbyte-wire.
#pragma once

#include <string>
#include <variant>

#include "common/command_line.h"

namespace firstbyte::wire {

struct WireOptions {
  std::string wires;
  std::string control;
};

Expected<std::variant<WireOptions, Printed>> parse_options(int argc, const char* const* argv);

}  // namespace firstbyte::wire
