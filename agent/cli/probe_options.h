// The command line of `firstbyte-agent probe`.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "agent/probing_flags.h"
#include "common/command_line.h"
#include "common/error.h"
#include "common/target.h"

namespace CLI {
class App;
}

namespace firstbyte::agent {

struct ProbeOptions : ProbingOptions {
  Target target;  // its URL normalised; empty when the URLs come from standard input
  bool json = false;
  bool compare_curl = false;
  Span::Clock clock = Span::Clock::kKernel;
  bool from_stdin = false;
  std::size_t concurrency = 1;  // of the probes of a list
  std::optional<double> rate;   // starts a second, of a list
};

inline constexpr std::size_t kMaxConcurrency = 1000;
inline constexpr double kMaxRate = 10'000;

// The flags as they are declared, for whoever lists them; `program` is what its help calls it.
std::shared_ptr<CLI::App> probe_command_line(const std::string& program);
// `argv[0]` is the word "probe". Errors name the flag.
Expected<std::variant<ProbeOptions, Printed>> parse_probe_options(const std::string& program,
                                                                  int argc,
                                                                  const char* const* argv);

}  // namespace firstbyte::agent
