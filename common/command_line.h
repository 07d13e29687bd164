// What the binaries' command lines have in common.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "common/error.h"

namespace CLI {
class App;
}

namespace firstbyte {

// What there is to print and exit with when the command line asks for nothing to run: --help,
// --version.
struct Printed {
  std::string text;
};

// Absent when there is something to run. The Error's sentence names the flag itself.
Expected<std::optional<Printed>> parse_command_line(CLI::App& app, int argc,
                                                    const char* const* argv);

// Prints to standard output, or the Error in one sentence to standard error; gives the exit status,
// 1 also when it could not be printed.
int print_and_exit(const Printed& printed);
int fail_and_exit(std::string_view program, const Error& error);
// Whichever of the two there is.
int end_command(std::string_view program, const Expected<Printed>& printed);

// The whole of a main(): print, run or fail. `run` takes the options and gives the exit status.
template <typename Options, typename Run>
int run_program(std::string_view program, const Expected<std::variant<Options, Printed>>& parsed,
                Run run) {
  if (!parsed) return fail_and_exit(program, parsed.error());
  if (const auto* printed = std::get_if<Printed>(&*parsed)) return print_and_exit(*printed);
  const Expected<int> status = run(std::get<Options>(*parsed));
  return status ? *status : fail_and_exit(program, status.error());
}

}  // namespace firstbyte
