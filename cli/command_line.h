// What can be said to `firstbyte`.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "common/command_line.h"
#include "common/error.h"
#include "common/target.h"

namespace CLI {
class App;
}

namespace firstbyte::cli {

inline constexpr const char* kCollectorVariable = "FIRSTBYTE_COLLECTOR";
inline constexpr const char* kTokenVariable = "FIRSTBYTE_TOKEN";

// Who is asked, as typed.
struct CollectorOptions {
  std::string collector{};  // empty: not named
  std::string token_file{};
  std::string ca_file{};
};

struct TestCommand {
  Target target;  // its URL normalised
  std::vector<std::string> from;
  bool json = false;
  bool wait = true;
};
struct WatchCommand {
  std::string test;
  bool json = false;
};
struct CompareCommand {
  std::string before;
  std::string after;
  bool json = false;
};
struct AgentsCommand {
  bool json = false;
};
// `firstbyte probe` is the agent's own command line (agent/cli/probe_command.h).
using Command = std::variant<TestCommand, WatchCommand, CompareCommand, AgentsCommand>;

struct Options {
  CollectorOptions collector;
  Command command;
};

// All commands and flags, `probe` included, for whoever lists them.
std::shared_ptr<CLI::App> whole_command_line();

// Errors name the flag. Never for `probe`.
Expected<std::variant<Options, Printed>> parse_options(int argc, const char* const* argv);

}  // namespace firstbyte::cli
