// `firstbyte-agent probe` and `firstbyte probe`: measurements without a collector, by the agent's
// own engine.
#pragma once

#include <string>

namespace firstbyte::agent {

// `program` is what it is called in what it says; `argv[0]` is the word "probe". Gives the exit
// status: 0 the probe finished, 1 it failed, 2 nothing was measured; of a list see `--help`.
int run_probe_command(const std::string& program, int argc, const char* const* argv);

}  // namespace firstbyte::agent
