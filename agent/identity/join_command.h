// `firstbyte-agent join`: a join token becomes this agent's own certificate.
#pragma once

namespace firstbyte::agent {

// `argv` begins with "join". Gives the exit status: 0, or 1 after one sentence on standard error.
int run_join_command(int argc, const char* const* argv);

}  // namespace firstbyte::agent
