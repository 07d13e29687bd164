// `firstbyte-agent probe`: measurements without a collector, by the agent's own engine.
#pragma once

namespace firstbyte::agent {

// `argv[0]` is the word "probe". Gives the exit status: 0 the probe finished, 1 it failed, 2
// nothing was measured; of a list see `--help`.
int run_probe_command(int argc, const char* const* argv);

}  // namespace firstbyte::agent
