#include "cli/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "agent/cli/probe_options.h"
#include "cli/completion.h"
#include "cli/man_page.h"
#include "common/endpoint.h"
#include "common/target_flags.h"
#include "common/target_url.h"

namespace firstbyte::cli {
namespace {

constexpr const char* kAbout =
    "Asks a Firstbyte collector how a URL answers, from every city that it has an agent in.";
constexpr const char* kExitStatus =
    "Exit status: 0 all cities answered well; 1 some failed, or answered with a status of 400 or\n"
    "above; 2 it could not be measured: a city has no data (and none failed), the collector "
    "cannot\n"
    "be reached or refuses, or the command line is wrong.";
constexpr const char* kCompareExitStatus =
    "Exit status: 0 no city fails now that answered before; 1 some do; 2 they could not be "
    "compared.";

// As typed, before it is understood.
struct Flags {
  CollectorOptions collector;
  bool json = false;
  // test
  std::string url;
  std::vector<std::string> from;
  bool wait = true;
  std::string resolver;
  TargetFlags target;
  // compare, watch
  std::string before;
  std::string after;
  std::string test;
  // completion
  std::string shell;
};

void declare_collector(CLI::App& app, Flags& flags, const char* json) {
  constexpr const char* kGroup = "Whom to ask";
  CollectorOptions& collector = flags.collector;
  app.add_flag("--json", flags.json, json);
  app.add_option(
         "--collector", collector.collector,
         "the collector's address (default: FIRSTBYTE_COLLECTOR, or\nhttp://127.0.0.1:8080)")
      ->type_name("URL")
      ->group(kGroup);
  app.add_option("--token-file", collector.token_file,
                 "API token, where the collector wants one, from a file\n"
                 "that others cannot read (default: from FIRSTBYTE_TOKEN)")
      ->type_name("FILE")
      ->group(kGroup);
  app.add_option("--ca", collector.ca_file,
                 "certificates that the collector is checked against\n"
                 "(default: the system's)")
      ->type_name("FILE")
      ->group(kGroup);
}

CLI::App& declare_test(CLI::App& root, Flags& flags) {
  CLI::App& app = *root.add_subcommand("test", "measure a URL from many cities, now");
  app.add_option("URL", flags.url, "what to measure, such as https://example.com/")
      ->type_name("")
      ->required();
  app.add_option("--from", flags.from,
                 "cities' names or agents' ids, in any case; repeatable\n"
                 "(default: all that are connected)")
      ->type_name("CITY,...")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_flag("--wait,!--no-wait", flags.wait,
               "until all cities have ended (default), or not: then the\n"
               "test's address is printed and nothing waited for");
  declare_collector(app, flags, "print the test as JSON, as the API has it, on one line");
  declare_target(app, flags.target);
  app.add_option("--resolver", flags.resolver, "DNS server that agents ask (default: their own)")
      ->type_name("IP[:PORT]")
      ->group("How the URL is asked for");
  app.footer(kExitStatus);
  return app;
}

CLI::App& declare_watch(CLI::App& root, Flags& flags) {
  CLI::App& app = *root.add_subcommand("watch", "follow a test that runs, or show one that ended");
  app.add_option("TEST", flags.test, "the test's id, or its whole address")
      ->type_name("")
      ->required();
  declare_collector(app, flags, "print the test as JSON, once it has ended, on one line");
  app.footer(kExitStatus);
  return app;
}

CLI::App& declare_compare(CLI::App& root, Flags& flags) {
  CLI::App& app = *root.add_subcommand(
      "compare", "two tests side by side: who moved to another edge, who fails");
  app.add_option("BEFORE", flags.before, "the earlier test's id, or its whole address")
      ->type_name("")
      ->required();
  app.add_option("AFTER", flags.after, "the later one's")->type_name("")->required();
  declare_collector(app, flags, "print the comparison as JSON, as the API has it, on one line");
  app.footer(kCompareExitStatus);
  return app;
}

CLI::App& declare_agents(CLI::App& root, Flags& flags) {
  CLI::App& app = *root.add_subcommand("agents", "who can be asked, and how they are");
  declare_collector(app, flags, "print the agents as JSON, as the API has them, on one line");
  app.footer("Exit status: 0 they are listed; 2 they could not be asked for.");
  return app;
}

struct CommandLine {
  CommandLine() {
    app.require_subcommand(1);
    app.set_version_flag("--version", "firstbyte " FIRSTBYTE_VERSION);
    test = &declare_test(app, flags);
    compare = &declare_compare(app, flags);
    watch = &declare_watch(app, flags);
    agents = &declare_agents(app, flags);
    const auto probe = agent::probe_command_line("probe");
    probe->description("measure a URL from this machine, without a collector");
    app.add_subcommand(probe);
    completion = app.add_subcommand("completion", "print what teaches a shell these commands");
    completion->add_option("SHELL", flags.shell, "bash, zsh or fish")
        ->type_name("bash|zsh|fish")
        ->required();
    completion->footer("For instance, in ~/.bashrc: source <(firstbyte completion bash)");
    man = app.add_subcommand("man", "print the manual page, for man -l -");
    app.footer(
        "`firstbyte COMMAND --help` has the flags of each.\n\nEnvironment:\n"
        "  FIRSTBYTE_COLLECTOR         the same as --collector\n"
        "  FIRSTBYTE_TOKEN             API token, where the collector wants one\n"
        "  NO_COLOR                    no colours, on a terminal neither");
  }

  Flags flags;
  CLI::App app{kAbout, "firstbyte"};
  CLI::App* test = nullptr;
  CLI::App* compare = nullptr;
  CLI::App* watch = nullptr;
  CLI::App* agents = nullptr;
  CLI::App* completion = nullptr;
  CLI::App* man = nullptr;
};

Expected<Command> understand_test(const Flags& flags) {
  const Expected<TargetUrl> url = parse_target_url(flags.url);
  if (!url) return invalid("URL", url.error().message);
  Expected<Target> target = understand_target(flags.target);
  if (!target) return std::unexpected(target.error());
  target->url = url->text;
  if (!flags.resolver.empty()) {
    target->resolver = parse_endpoint(flags.resolver);
    if (!target->resolver) {
      return invalid("--resolver", fmt::format("{} is not IP or IP:PORT", flags.resolver));
    }
  }
  return TestCommand{*std::move(target), flags.from, flags.json, flags.wait};
}

Expected<Command> understand(const CommandLine& line) {
  const Flags& flags = line.flags;
  if (line.test->parsed()) return understand_test(flags);
  if (line.compare->parsed()) return CompareCommand{flags.before, flags.after, flags.json};
  if (line.watch->parsed()) return WatchCommand{flags.test, flags.json};
  return AgentsCommand{flags.json};
}

}  // namespace

std::shared_ptr<CLI::App> whole_command_line() {
  const auto line = std::make_shared<CommandLine>();
  return {line, &line->app};
}

Expected<std::variant<Options, Printed>> parse_options(int argc, const char* const* argv) {
  CommandLine line;
  if (const std::string_view word = argc > 1 ? argv[1] : "-";
      !word.starts_with('-') &&
      line.app.get_subcommands([&](const CLI::App* app) { return app->get_name() == word; })
          .empty()) {
    return invalid("", fmt::format("there is no command {}; `firstbyte --help` lists them", word));
  }
  auto printed = parse_command_line(line.app, argc, argv);
  if (!printed) return std::unexpected(printed.error());
  if (*printed) return **std::move(printed);
  if (line.man->parsed()) return Printed{man_page(line.app)};
  if (line.completion->parsed()) {
    Expected<std::string> script = completion_script(line.app, line.flags.shell);
    if (!script) return std::unexpected(script.error());
    return Printed{*std::move(script)};
  }
  Expected<Command> command = understand(line);
  if (!command) return std::unexpected(command.error());
  return Options{line.flags.collector, *std::move(command)};
}

}  // namespace firstbyte::cli
