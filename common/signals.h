// Signals as an event that main() waits for, instead of code that runs in the middle of anything.
#pragma once

#include <chrono>

namespace firstbyte {

// To be called before any thread is started: blocks SIGINT and SIGTERM for all of them, ignores
// SIGPIPE.
void block_stop_signals();
// Waits for SIGINT or SIGTERM, or for a request_stop(); gives the signal's number.
int wait_for_stop();
// Waits for one of them for so long at most; whether one came.
bool stopped_within(std::chrono::milliseconds time);
// From any thread.
void request_stop();

}  // namespace firstbyte
