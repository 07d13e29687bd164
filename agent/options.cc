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
