#include "agent/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>

#include "common/cities.h"
#include "common/target_url.h"
#include "common/utf8.h"

namespace firstbyte::agent {
namespace {

// As typed, before it is understood.
struct Flags {
  std::string collector;
  std::string city;
  std::string id;
  std::string country;
  std::string region;
  std::optional<double> latitude;
  std::optional<double> longitude;
  std::optional<std::uint32_t> asn;
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
  std::string help = "where this agent stands; these need nothing else:";
  std::size_t count = 0;
  for (const City& city : known_cities()) {
    help += count == 0 ? "\n" : count % kOnALine == 0 ? ",\n" : ", ";
    help += city.name;
    ++count;
  }
  return help;
}

void declare(CLI::App& app, Flags& flags) {
  app.add_option("--collector", flags.collector, "where the collector's gRPC listens")
      ->type_name("HOST:PORT")
      ->required();
  app.add_option("--city", flags.city, city_help())->type_name("NAME")->required();
  app.add_option("--id", flags.id, "unique name of this agent (default: made from the city)");
  app.add_option("--country", flags.country, "ISO 3166-1 alpha-2 code, for a city not known");
  app.add_option("--region", flags.region, "continent or the like, for a city not known");
  app.add_option("--latitude", flags.latitude, "degrees north, for a city not known");
  app.add_option("--longitude", flags.longitude, "degrees east, for a city not known");
  app.add_option("--asn", flags.asn, "number of the network this agent stands in");
  declare_probing(app, flags.probing);
  app.add_option("--data-dir", flags.data_dir, "this agent's own folder; one agent a folder")
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

Expected<> check_collector(const std::string& text) {
  const auto colon = text.rfind(':');
  unsigned port = 0;
  const char* end = text.data() + text.size();
  if (colon != std::string::npos && colon > 0 &&
      std::from_chars(text.data() + colon + 1, end, port).ptr == end && port > 0 && port <= 65535) {
    return {};
  }
  return invalid("--collector", fmt::format("{} is not HOST:PORT", text));
}

// "Frankfurt am Main" becomes "frankfurt-am-main"; what is not ASCII is left out.
std::string slug(std::string_view name) {
  std::string id;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') {
      id += static_cast<char>(c + 32);
    } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      id += c;
    } else if (!id.empty() && id.back() != '-' && (c == ' ' || c == '-' || c == '.')) {
      id += '-';
    }
  }
  while (id.ends_with('-')) id.pop_back();
  return id;
}

Expected<AgentIdentity> identity_of(const Flags& flags) {
  AgentIdentity identity;
  const bool located = flags.latitude && flags.longitude && !flags.country.empty();
  if (const Expected<City> city = find_city(flags.city); city) {
    identity = {std::string(city->id),
                std::string(city->name),
                std::string(city->country),
                std::string(city->region),
                city->latitude,
                city->longitude,
                std::nullopt};
  } else if (!located) {
    return invalid(
        "--city", city.error().message + "; any other needs --country, --latitude and --longitude");
  } else {
    identity.id = slug(flags.city);
    identity.city = flags.city;
  }
  if (!flags.id.empty()) identity.id = flags.id;
  if (!flags.country.empty()) identity.country = flags.country;
  if (!flags.region.empty()) identity.region = flags.region;
  identity.latitude = flags.latitude.value_or(identity.latitude);
  identity.longitude = flags.longitude.value_or(identity.longitude);
  identity.asn = flags.asn;
  if (!is_agent_id(identity.id)) {
    return invalid("--id",
                   fmt::format("\"{}\" is not 1 to 64 of a-z, 0-9, '-', '_' and '.'", identity.id));
  }
  for (const auto& [flag, name] :
       {std::pair("--city", identity.city), std::pair("--region", identity.region)}) {
    if (name.size() > 64) return invalid(flag, "the name is longer than 64 bytes");
    if (!is_printable_utf8(name)) return invalid(flag, "the name is not printable UTF-8");
  }
  if (identity.country.size() != 2 || identity.country[0] < 'A' || identity.country[0] > 'Z' ||
      identity.country[1] < 'A' || identity.country[1] > 'Z') {
    return invalid("--country", fmt::format("{} is not two capital letters", identity.country));
  }
  if (!(identity.latitude >= -90 && identity.latitude <= 90)) {
    return invalid("--latitude", "a latitude lies between -90 and 90 degrees");
  }
  if (!(identity.longitude >= -180 && identity.longitude <= 180)) {
    return invalid("--longitude", "a longitude lies between -180 and 180 degrees");
  }
  return identity;
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

// "90s", "15m", "24h", "7d".
std::optional<std::chrono::seconds> parse_span(std::string_view text) {
  constexpr std::int64_t kMost = 366LL * 24 * 3600;
  std::int64_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 1 || number > kMost) return std::nullopt;
  const std::string_view unit(rest, text.data() + text.size());
  for (const auto& [name, seconds] :
       {std::pair("s", 1), std::pair("m", 60), std::pair("h", 3600), std::pair("d", 86'400)}) {
    if (unit == name && number * seconds <= kMost) return std::chrono::seconds{number * seconds};
  }
  return std::nullopt;
}

Expected<> understand_spool(const Flags& flags, AgentOptions& options) {
  constexpr std::int64_t kMostMb = 1'000'000;
  constexpr std::int64_t kMostDrain = 3600;
  if (flags.spool_max_mb < 1 || flags.spool_max_mb > kMostMb) {
    return invalid("--spool-max-mb",
                   fmt::format("{} is not between 1 and {} MiB", flags.spool_max_mb, kMostMb));
  }
  const auto age = parse_span(flags.spool_max_age);
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
  if (const auto checked = check_collector(flags.collector); !checked) {
    return std::unexpected(checked.error());
  }
  options.collector = flags.collector;
  Expected<AgentIdentity> identity = identity_of(flags);
  if (!identity) return std::unexpected(identity.error());
  options.identity = *std::move(identity);
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

}  // namespace

Expected<std::variant<AgentOptions, Printed>> parse_options(int argc, const char* const* argv) {
  CLI::App app{
      "Times DNS, connect, TLS and first byte from where it stands, for a Firstbyte collector.",
      "firstbyte-agent"};
  Flags flags;
  declare(app, flags);
  app.footer(
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
