// What `firstbyte` does once the command line is understood.
#pragma once

#include <cstddef>

#include "cli/command_line.h"
#include "cli/connect.h"
#include "cli/views.h"
#include "common/text_style.h"

namespace firstbyte::cli {

inline constexpr int kAllWell = 0;
inline constexpr int kSomeFailed = 1;
inline constexpr int kNotMeasured = 2;

// Where it runs.
struct Surroundings {
  Environment environment;
  TextStyle style;
  std::size_t live_lines = 0;  // of the terminal; 0: none that can be drawn on
};

// The exit status of a test that has ended.
int status_of(const TestView& test);

// Prints to standard output; gives the exit status. The Error is in one sentence, and its status is
// kNotMeasured.
Expected<int> run_command(const Options& options, const Surroundings& surroundings);

}  // namespace firstbyte::cli
