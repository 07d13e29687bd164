#include "common/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

namespace firstbyte {

Expected<std::optional<Printed>> parse_command_line(CLI::App& app, int argc,
                                                    const char* const* argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return Printed{app.help()};
  } catch (const CLI::CallForVersion&) {
    return Printed{app.version() + "\n"};
  } catch (const CLI::ParseError& error) {
    return invalid("", error.what());
  }
  return std::nullopt;
}

int print_and_exit(const Printed& printed) {
  const bool printed_all =
      std::fwrite(printed.text.data(), 1, printed.text.size(), stdout) == printed.text.size() &&
      std::fflush(stdout) == 0;
  return printed_all ? 0 : 1;
}

int fail_and_exit(std::string_view program, const Error& error) {
  fmt::print(stderr, "{}: {}{}{}\n", program, error.field, error.field.empty() ? "" : ": ",
             error.message);
  return 1;
}

int end_command(std::string_view program, const Expected<Printed>& printed) {
  return printed ? print_and_exit(*printed) : fail_and_exit(program, printed.error());
}

}  // namespace firstbyte
