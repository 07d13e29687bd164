#include "collector/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <utility>

#include "common/target_url.h"

namespace firstbyte::collector {
namespace {

struct Flags {
  std::string http = "127.0.0.1:8080";
  bool http_given = false;
  HttpFlags http_settings;
  std::string grpc = "127.0.0.1:9090";
  AccessFlags access;
  std::string data_dir;
  std::string targets_file;
  std::string edges_file;
  std::string default_url;
  std::string notice;
  std::string log_level = "info";
  bool check_config = false;
};

void declare(CLI::App& app, Flags& flags) {
  app.add_option("--http", flags.http, "where the page and the API listen; port 0: any free one")
      ->type_name("ADDR:PORT")
      ->capture_default_str();
  declare_http(app, flags.http_settings);
  app.add_option("--grpc", flags.grpc, "where the agents dial in; port 0: any free one")
      ->type_name("ADDR:PORT")
      ->capture_default_str();
  declare_access(app, flags.access);
  app.add_option("--data-dir", flags.data_dir, "the collector's folder; one collector a folder")
      ->type_name("DIR")
      ->required();
  app.add_option("--targets", flags.targets_file,
                 "what agents probe on a schedule, as YAML; read at the start")
      ->type_name("FILE");
  app.add_option("--edges", flags.edges_file,
                 "by which headers edges are recognised, and where they stand, as YAML; read at\n"
                 "the start")
      ->type_name("FILE");
  app.add_option("--default-url", flags.default_url, "what the page's URL field holds at first")
      ->type_name("URL");
  app.add_option("--notice", flags.notice, "a sentence that the page shows to every viewer");
  app.add_option("--log-level", flags.log_level, "trace, debug, info, warn or error")
      ->capture_default_str();
  app.add_flag("--check-config", flags.check_config, "check the flags and exit");
  app.footer(
      "`firstbyte-collector agents` and `firstbyte-collector tokens` say who may do what: see "
      "their "
      "--help.\n"
      "A listening socket passed in by LISTEN_FDS (socket activation) takes the place of --http.");
  app.set_version_flag("--version", "firstbyte-collector " FIRSTBYTE_VERSION);
}

// "127.0.0.1:8080" or "[::1]:8080"; the address comes back without brackets.
Expected<std::pair<std::string, std::uint16_t>> split_address(const std::string& text,
                                                              const std::string& flag) {
  const auto colon = text.rfind(':');
  unsigned port = 0;
  const char* end = text.data() + text.size();
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size() ||
      std::from_chars(text.data() + colon + 1, end, port).ptr != end || port > 65535) {
    return invalid(flag, fmt::format("{} is not ADDR:PORT", text));
  }
  std::string address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) {
    address = address.substr(1, address.size() - 2);
  }
  return std::pair(std::move(address), static_cast<std::uint16_t>(port));
}

Expected<CollectorOptions> understand(const Flags& flags) {
  CollectorOptions options;
  auto settings = understand_http(flags.http_settings);
  if (!settings) return std::unexpected(settings.error());
  options.http = *std::move(settings);
  auto http = split_address(flags.http, "--http");
  if (!http) return std::unexpected(http.error());
  std::tie(options.http_address, options.http_port) = *std::move(http);
  options.http_given = flags.http_given;
  if (const auto grpc = split_address(flags.grpc, "--grpc"); !grpc) {
    return std::unexpected(grpc.error());
  }
  options.grpc_address = flags.grpc;
  auto access = understand_access(flags.access, flags.grpc);
  if (!access) return std::unexpected(access.error());
  options.access = *std::move(access);
  if (!flags.default_url.empty()) {
    const Expected<TargetUrl> url = parse_target_url(flags.default_url);
    if (!url) return invalid("--default-url", url.error().message);
    options.default_url = url->text;
  }
  options.data_dir = flags.data_dir;
  options.targets_file = flags.targets_file;
  options.edges_file = flags.edges_file;
  options.notice = flags.notice;
  options.log_level = flags.log_level;
  options.check_config = flags.check_config;
  return options;
}

}  // namespace

Expected<std::variant<CollectorOptions, Printed>> parse_options(int argc, const char* const* argv) {
  CLI::App app{"Collects what Firstbyte's agents measure, stores it, and serves the page.",
               "firstbyte-collector"};
  Flags flags;
  declare(app, flags);
  auto printed = parse_command_line(app, argc, argv);
  if (!printed) return std::unexpected(printed.error());
  if (*printed) return **std::move(printed);
  flags.http_given = app.count("--http") > 0;
  Expected<CollectorOptions> options = understand(flags);
  if (!options) return std::unexpected(options.error());
  return *std::move(options);
}

}  // namespace firstbyte::collector
