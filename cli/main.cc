// firstbyte: tests, comparisons and probes from a terminal.

#include <curl/curl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>

#include "agent/cli/probe_command.h"
#include "cli/commands.h"
#include "cli/printable.h"

namespace {

using namespace firstbyte;

// Nothing here sets any, so reading is safe.
std::string environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? "" : value;
}

// Of a terminal that can be drawn on; else 0.
std::size_t terminal_lines() {
  winsize size{};
  if (isatty(STDOUT_FILENO) == 0 || environment("TERM") == "dumb") return 0;
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_row : 0;
}

int fail(const Error& error) {
  fail_and_exit("firstbyte",
                {error.kind, cli::printable(error.message), cli::printable(error.field)});
  return cli::kNotMeasured;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "probe") {
    return agent::run_probe_command("firstbyte probe", argc - 1, argv + 1);
  }
  const auto parsed = cli::parse_options(argc, argv);
  if (!parsed) return fail(parsed.error());
  if (const auto* printed = std::get_if<Printed>(&*parsed)) return print_and_exit(*printed);
  std::signal(SIGPIPE, SIG_IGN);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  const Expected<int> status =
      cli::run_command(std::get<cli::Options>(*parsed),
                       {.environment = {.collector = environment(cli::kCollectorVariable),
                                        .token = environment(cli::kTokenVariable)},
                        .style = standard_output_style(),
                        .live_lines = terminal_lines()});
  return status ? *status : fail(status.error());
}
