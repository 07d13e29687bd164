// The agent's command line.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>

#include "agent/probing_flags.h"
#include "common/command_line.h"
#include "common/error.h"
#include "common/measurement.h"

namespace firstbyte::agent {

struct AgentOptions : ProbingOptions {
  std::string collector;
  AgentIdentity identity;
  std::string data_dir;  // empty: none
  std::uint64_t spool_max_bytes = 0;
  std::chrono::seconds spool_max_age{};
  std::chrono::seconds drain_timeout{};
  std::string control_target;  // normalised; empty: none
  std::chrono::seconds control_interval{};
  std::string log_level;
  bool check_config = false;
};

// Errors name the flag.
Expected<std::variant<AgentOptions, Printed>> parse_options(int argc, const char* const* argv);

}  // namespace firstbyte::agent
