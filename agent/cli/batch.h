// `firstbyte-agent probe --stdin`: lines in, probes, JSON lines out, each as its probe ends.
//
// One thread (the caller's) reads, paces and writes, and the prober's own measures. Input is read
// only as fast as it can be started, so a producer that is faster waits in its write(). Output that
// nobody takes stops the starts in the same way, and shows as late_us.
#pragma once

#include <string_view>

#include "agent/cli/probe_options.h"
#include "agent/probe/http_transfer.h"
#include "common/error.h"

namespace firstbyte::agent {

// Gives the exit status. SIGINT and SIGTERM must be blocked (block_stop_signals()). The Error says
// that the input or the output broke.
Expected<int> run_batch(std::string_view program, const ProbeOptions& options, TrustStore trust);

}  // namespace firstbyte::agent
