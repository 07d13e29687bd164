#include "agent/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <optional>
#include <utility>

#include "common/cities.h"
#include "common/endpoint.h"
#include "common/target_url.h"
#include "common/time_span.h"

namespace firstbyte::agent {
namespace {

// As typed, before it is understood.
struct Flags {
  std::string collector;
  GivenIdentity given;
  bool insecure = false;
  ProbingFlags probing;
  std::string data_dir;
  std::int64_t spool_max_mb = 64;
  std::string spool_max_age = "24h";
  std::int64_t drain_timeout = 10;
  std::optional<std::string> control_target;
  std::optional<std::int64_t> control_interval;
  std::string log_level = "info";
  bool check_config = false;
};

// With the cities that are known, as many on a line as fit beside the flags.
std::string city_help() {
  constexpr std::size_t kOnALine = 5;
  std::string help = "where this agent stands (with --insecure);\nthese need nothing else:";
  std::size_t count = 0;
  for (const City& city : known_cities()) {
    help += count == 0 ? "\n" : count % kOnALine == 0 ? ",\n" : ", ";
    help += city.name;
    ++count;
  }
  return help;
}

void declare(CLI::App& app, Flags& flags) {
  app.add_option("--collector", flags.collector,
                 "where the collector's gRPC listens\n(default: the one that was joined)")
      ->type_name("HOST:PORT");
  app.add_flag("--insecure", flags.insecure,
               "without TLS, as who the flags say; to a collector on loopback only");
  GivenIdentity& given = flags.given;
  app.add_option("--city", given.city, city_help())->type_name("NAME");
  app.add_option("--id", given.id, "unique name of this agent (default: made from the city)");
  declare_place(app, given);
  app.add_option("--asn", given.asn, "number of the network this agent stands in");
  declare_probing(app, flags.probing);
  app.add_option("--data-dir", flags.data_dir,
                 "this agent's own folder, with its identity from\n`firstbyte-agent join`; one "
                 "agent a folder")
      ->type_name("DIR");
  app.add_option("--spool-max-mb", flags.spool_max_mb,
                 "results that the collector does not have yet take up to this many MiB\n"
                 "of the folder; past it the oldest go, and are reported as lost")
      ->type_name("MIB")
      ->capture_default_str();
  app.add_option("--spool-max-age", flags.spool_max_age,
                 "and are kept for so long; a number and s, m, h or d")
      ->type_name("TIME")
      ->capture_default_str();
  app.add_option("--drain-timeout", flags.drain_timeout,
                 "how long probes that run when the agent is told to end may go on")
      ->type_name("SECONDS")
      ->capture_default_str();
  app.add_option("--control-target", flags.control_target,
                 "probed all the time; each result tells how it answered last,\n"
                 "so that one can see when it is the agent that is not well")
      ->type_name("URL");
  app.add_option("--control-interval", flags.control_interval,
                 "from one probe of the control target to the next (default: 30)")
      ->type_name("SECONDS");
  app.add_option("--log-level", flags.log_level, "trace, debug, info, warn or error")
      ->capture_default_str();
  app.add_flag("--check-config", flags.check_config, "check the flags and exit");
  app.set_version_flag("--version", "firstbyte-agent " FIRSTBYTE_VERSION);
}

// Without TLS nobody is who he says and everybody reads along, so both ends stay on this machine.
Expected<AgentIdentity> understand_insecure(const Flags& flags) {
  if (flags.collector.empty()) return invalid("--collector", "--insecure needs it");
  if (!is_loopback(flags.collector)) {
    return invalid("--insecure", fmt::format("{} is not on loopback; join the collector instead "
                                             "(`firstbyte-agent join`)",
                                             flags.collector));
  }
  if (flags.given.city.empty()) return invalid("--city", "--insecure needs it");
  return complete_identity(flags.given);
}

Expected<> understand_control(const Flags& flags, AgentOptions& options) {
  constexpr std::int64_t kDefault = 30;
  constexpr std::int64_t kMost = 3600;
  if (!flags.control_target) {
    if (flags.control_interval) {
      return invalid("--control-interval", "only goes with --control-target");
    }
    return {};
  }
  Expected<TargetUrl> url = parse_target_url(*flags.control_target);
  if (!url) return invalid("--control-target", url.error().message);
  const std::int64_t interval = flags.control_interval.value_or(kDefault);
  if (interval < 1 || interval > kMost) {
    return invalid("--control-interval",
                   fmt::format("{} is not between 1 and {} seconds", interval, kMost));
  }
  options.control_target = std::move(url->text);
  options.control_interval = std::chrono::seconds{interval};
  return {};
}

Expected<> understand_spool(const Flags& flags, AgentOptions& options) {
  constexpr std::int64_t kMostMb = 1'000'000;
  constexpr std::int64_t kMostDrain = 3600;
  if (flags.spool_max_mb < 1 || flags.spool_max_mb > kMostMb) {
    return invalid("--spool-max-mb",
                   fmt::format("{} is not between 1 and {} MiB", flags.spool_max_mb, kMostMb));
  }
  const auto age = parse_time_span(flags.spool_max_age, std::chrono::days{366});
  if (!age) {
    return invalid(
        "--spool-max-age",
        fmt::format("\"{}\" is not a number and s, m, h or d, up to 366d", flags.spool_max_age));
  }
  if (flags.drain_timeout < 0 || flags.drain_timeout > kMostDrain) {
    return invalid("--drain-timeout", fmt::format("{} is not between 0 and {} seconds",
                                                  flags.drain_timeout, kMostDrain));
  }
  options.spool_max_bytes = static_cast<std::uint64_t>(flags.spool_max_mb) << 20;
  options.spool_max_age = *age;
  options.drain_timeout = std::chrono::seconds{flags.drain_timeout};
  return {};
}

Expected<AgentOptions> understand(const Flags& flags) {
  Expected<ProbingOptions> probing = understand_probing(flags.probing);
  if (!probing) return std::unexpected(probing.error());
  AgentOptions options;
  static_cast<ProbingOptions&>(options) = *std::move(probing);
  if (!flags.collector.empty() && !is_host_port(flags.collector)) {
    return invalid("--collector", fmt::format("{} is not HOST:PORT", flags.collector));
  }
  options.collector = flags.collector;
  options.insecure = flags.insecure;
  options.given = flags.given;
  if (flags.insecure) {
    Expected<AgentIdentity> identity = understand_insecure(flags);
    if (!identity) return std::unexpected(identity.error());
    options.identity = *std::move(identity);
  } else if (flags.data_dir.empty()) {
    return invalid("--data-dir",
                   "it says who this agent is, once `firstbyte-agent join` has been run with it");
  }
  if (const auto understood = understand_control(flags, options); !understood) {
    return std::unexpected(understood.error());
  }
  if (const auto understood = understand_spool(flags, options); !understood) {
    return std::unexpected(understood.error());
  }
  options.data_dir = flags.data_dir;
  options.log_level = flags.log_level;
  options.check_config = flags.check_config;
  return options;
}

std::string shown(const std::string& text) { return text; }
std::string shown(double number) { return fmt::format("{}", number); }

// What is said again has to be said the same.
template <typename T>
Expected<> agree(const char* flag, const std::optional<T>& given, const T& enrolled) {
  if (!given || *given == enrolled) return {};
  return invalid(flag,
                 fmt::format("this agent was enrolled with {}; leave the flag out, or have it "
                             "enrolled anew",
                             shown(enrolled)));
}

std::optional<std::string> said(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

// By the name or the id of a known city.
std::optional<std::string> said_city(const std::string& text) {
  const auto known = find_city(text);
  return known ? std::string(known->name) : said(text);
}

}  // namespace

Expected<AgentIdentity> confirm_identity(AgentIdentity enrolled, const GivenIdentity& given) {
  Expected<> agreed = agree("--id", said(given.id), enrolled.id);
  if (agreed) agreed = agree("--city", said_city(given.city), enrolled.city);
  if (agreed) agreed = agree("--country", said(given.country), enrolled.country);
  if (agreed) agreed = agree("--region", said(given.region), enrolled.region);
  if (agreed) agreed = agree("--latitude", given.latitude, enrolled.latitude);
  if (agreed) agreed = agree("--longitude", given.longitude, enrolled.longitude);
  if (!agreed) return std::unexpected(std::move(agreed.error()));
  enrolled.asn = given.asn;
  return enrolled;
}

Expected<std::variant<AgentOptions, Printed>> parse_options(int argc, const char* const* argv) {
  CLI::App app{
      "Times DNS, connect, TLS and first byte from where it stands, for a Firstbyte collector.",
      "firstbyte-agent"};
  Flags flags;
  declare(app, flags);
  app.footer(
      "`firstbyte-agent join` makes this machine an agent of a collector: see `firstbyte-agent "
      "join "
      "--help`.\n"
      "`firstbyte-agent probe URL` measures once, without a collector: see `firstbyte-agent probe "
      "--help`.");
  auto printed = parse_command_line(app, argc, argv);
  if (!printed) return std::unexpected(printed.error());
  if (*printed) return **std::move(printed);
  Expected<AgentOptions> options = understand(flags);
  if (!options) return std::unexpected(options.error());
  return *std::move(options);
}

}  // namespace firstbyte::agent
