// `firstbyte-collector tokens`: makes, lists and revokes API tokens, also while the collector runs.
#pragma once

namespace firstbyte::collector {

// `argv` begins with "tokens". Gives the exit status: 0, or 1 after one sentence on standard error.
int run_tokens_command(int argc, const char* const* argv);

}  // namespace firstbyte::collector
