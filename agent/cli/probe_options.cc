#include "agent/cli/probe_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <utility>

#include "common/target_flags.h"
#include "common/target_url.h"

namespace firstbyte::agent {
namespace {

constexpr const char* kAbout =
    "Measures a URL, or a list of them, from where it stands. No collector is needed.";

// As typed, before it is understood.
struct Flags {
  std::string url;
  ProbingFlags probing;
  TargetFlags target;
  bool json = false;
  bool compare_curl = false;
  bool agent_clock = false;
  bool from_stdin = false;
  std::optional<std::size_t> concurrency;
  std::optional<double> rate;
};

void declare(CLI::App& app, Flags& flags) {
  app.add_option("URL", flags.url, "what to measure, such as https://example.com/")->type_name("");
  declare_probing(app, flags.probing);
  app.add_flag("--json", flags.json, "print the result as JSON, on one line");
  app.add_flag("--compare-curl", flags.compare_curl,
               "let the installed curl ask the same address as well, and\n"
               "explain each difference");
  app.add_flag("--agent-clock", flags.agent_clock,
               "believe no stamp of the kernel's: what this process's own\n"
               "clock says alone, to be compared with");
  app.add_flag("--stdin", flags.from_stdin,
               "probe each line of standard input; prints READY to standard\n"
               "error when warm, then each result as it comes, with its line");
  app.add_option("--concurrency", flags.concurrency,
                 "with --stdin: probes at once at most (default: 16); while\n"
                 "so many run, no start is due and no input is read")
      ->type_name("N");
  app.add_option("--rate", flags.rate,
                 "with --stdin: starts a second; how late each was against\n"
                 "its slot is its late_us (default: as soon as there is room)")
      ->type_name("R");
  declare_target(app, flags.target);
  app.footer(
      "Exit status: 0 the probe finished, whatever the server's answer; 1 it failed; 2 nothing "
      "was\n"
      "measured, since the command line is wrong. With --stdin: 0 all lines have their result, "
      "failed\n"
      "probes included; 1 the input or the output broke; 130 or 143 stopped by SIGINT or SIGTERM, "
      "when\n"
      "those under way had ended (a second signal does not wait for them).");
}

struct CommandLine {
  explicit CommandLine(const std::string& program) : app(kAbout, program) { declare(app, flags); }
  Flags flags;
  CLI::App app;
};

Expected<> check(const Flags& flags) {
  if (!flags.from_stdin) {
    if (flags.concurrency) return invalid("--concurrency", "only goes with --stdin");
    if (flags.rate) return invalid("--rate", "only goes with --stdin");
    if (flags.url.empty()) return invalid("", "the URL is missing; --stdin reads a list of them");
    if (flags.json && flags.compare_curl) {
      return invalid("--compare-curl", "explains in words, which --json has no place for");
    }
    return {};
  }
  if (!flags.url.empty()) return invalid("--stdin", "reads the URLs, so none can be given here");
  if (!flags.json) return invalid("--stdin", "only goes with --json");
  if (flags.compare_curl) return invalid("--compare-curl", "does not go with --stdin");
  if (flags.concurrency && (*flags.concurrency < 1 || *flags.concurrency > kMaxConcurrency)) {
    return invalid("--concurrency",
                   fmt::format("{} is not between 1 and {}", *flags.concurrency, kMaxConcurrency));
  }
  if (flags.rate && !(*flags.rate >= 0.001 && *flags.rate <= kMaxRate)) {
    return invalid("--rate",
                   fmt::format("{} is not between 0.001 and {} a second", *flags.rate, kMaxRate));
  }
  return {};
}

// curl does one exchange, on a connection of its own.
Expected<> check_comparable(const Target& target) {
  const auto refuse = [](std::string_view flag) {
    return invalid("--compare-curl",
                   fmt::format("is about one exchange, so it does not go with {}", flag));
  };
  if (target.max_redirects > 0) return refuse("--redirects");
  if (target.samples > 1) return refuse("--samples");
  if (target.family == Family::kBoth) return refuse("--family both");
  if (target.reuse != Reuse::kCold) return refuse("--reuse");
  return {};
}

Expected<ProbeOptions> understand(const Flags& flags) {
  constexpr std::size_t kConcurrency = 16;
  if (const auto checked = check(flags); !checked) return std::unexpected(checked.error());
  Expected<ProbingOptions> probing = understand_probing(flags.probing);
  if (!probing) return std::unexpected(probing.error());
  ProbeOptions options;
  static_cast<ProbingOptions&>(options) = *std::move(probing);
  Expected<Target> target = understand_target(flags.target);
  if (!target) return std::unexpected(target.error());
  options.target = *std::move(target);
  if (flags.compare_curl) {
    if (const auto checked = check_comparable(options.target); !checked) {
      return std::unexpected(checked.error());
    }
  }
  if (!flags.from_stdin) {
    Expected<TargetUrl> url = parse_target_url(flags.url);
    if (!url) return invalid("", url.error().message);
    options.target.url = std::move(url->text);
  }
  options.json = flags.json;
  options.compare_curl = flags.compare_curl;
  options.clock = flags.agent_clock ? Span::Clock::kAgent : Span::Clock::kKernel;
  options.from_stdin = flags.from_stdin;
  options.concurrency = flags.concurrency.value_or(flags.from_stdin ? kConcurrency : 1);
  options.rate = flags.rate;
  return options;
}

}  // namespace

std::shared_ptr<CLI::App> probe_command_line(const std::string& program) {
  const auto line = std::make_shared<CommandLine>(program);
  return {line, &line->app};
}

Expected<std::variant<ProbeOptions, Printed>> parse_probe_options(const std::string& program,
                                                                  int argc,
                                                                  const char* const* argv) {
  CommandLine line(program);
  auto printed = parse_command_line(line.app, argc, argv);
  if (!printed) return std::unexpected(printed.error());
  if (*printed) return **std::move(printed);
  Expected<ProbeOptions> options = understand(line.flags);
  if (!options) return std::unexpected(options.error());
  return *std::move(options);
}

}  // namespace firstbyte::agent
