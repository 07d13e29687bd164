// The agent's command line.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>

#include "agent/probing_flags.h"
#include "common/command_line.h"
#include "common/error.h"
#include "common/given_identity.h"
#include "common/measurement.h"

namespace firstbyte::agent {

struct AgentOptions : ProbingOptions {
  std::string collector;  // empty: the one that was joined
  bool insecure = false;
  AgentIdentity identity;  // with `insecure`; else the data folder says it
  GivenIdentity given;     // what the flags say of it
  std::string data_dir;    // empty: none
  std::uint64_t spool_max_bytes = 0;
  std::chrono::seconds spool_max_age{};
  std::chrono::seconds drain_timeout{};
  std::string control_target;  // normalised; empty: none
  std::chrono::seconds control_interval{};
  std::string log_level;
  bool check_config = false;
};

// What an agent was enrolled as, with the number of its network as given here. The Error names the
// flag that says something else.
Expected<AgentIdentity> confirm_identity(AgentIdentity enrolled, const GivenIdentity& given);

// Errors name the flag.
Expected<std::variant<AgentOptions, Printed>> parse_options(int argc, const char* const* argv);

}  // namespace firstbyte::agent
