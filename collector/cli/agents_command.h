// `firstbyte-collector agents`: enrols, lists and revokes agents, also while the collector runs.
#pragma once

namespace firstbyte::collector {

// `argv` begins with "agents". Gives the exit status: 0, or 1 after one sentence on standard error.
int run_agents_command(int argc, const char* const* argv);

}  // namespace firstbyte::collector
