// The command line of firstbyte-edge-health.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "common/command_line.h"
#include "lab/health/http_check.h"

namespace firstbyte::health {

struct HealthOptions {
  HttpCheck check;
  std::string bird_socket;
  std::vector<std::string> protocols;
  std::chrono::milliseconds interval{200};
  int fall = 2;
  int rise = 3;
};

// Errors name the flag.
Expected<std::variant<HealthOptions, Printed>> parse_options(int argc, const char* const* argv);

}  // namespace firstbyte::health
