#include "lab/health/options.h"

#include <sys/un.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>

namespace firstbyte::health {
namespace {

// As typed, before it is understood.
struct Flags {
  std::string address;
  std::string path;
  std::string bird_socket;
  std::vector<std::string> protocol;
  int interval_ms = 200;
  int timeout_ms = 1000;
  int fall = 2;
  int rise = 3;
};

void declare(CLI::App& app, Flags& flags) {
  app.add_option("--address", flags.address, "where the web server listens")
      ->type_name("IP:PORT")
      ->required();
  app.add_option("--path", flags.path, "what it is asked for")->type_name("PATH")->required();
  app.add_option("--bird-socket", flags.bird_socket, "BIRD's control socket")
      ->type_name("PATH")
      ->required();
  app.add_option("--protocol", flags.protocol,
                 "a protocol of BIRD's that announces this edge; repeatable")
      ->type_name("NAME")
      ->allow_extra_args(false)
      ->required();
  app.add_option("--interval-ms", flags.interval_ms, "from one check to the next")
      ->check(CLI::Range(10, 60'000))
      ->capture_default_str();
  app.add_option("--timeout-ms", flags.timeout_ms, "how long a check waits for the answer")
      ->check(CLI::Range(10, 60'000))
      ->capture_default_str();
  app.add_option("--fall", flags.fall, "bad checks in a row after which the edge is withdrawn")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--rise", flags.rise, "good checks in a row after which it is announced again")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.set_version_flag("--version", "firstbyte-edge-health " FIRSTBYTE_VERSION);
}

bool is_symbol(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
    return c == '_' || std::isalnum(c) != 0;
  });
}

bool is_path(std::string_view path) {
  return path.starts_with('/') &&
         std::ranges::all_of(path, [](unsigned char c) { return c > ' ' && c < 127; });
}

Expected<> check(const Flags& flags) {
  if (!is_path(flags.path)) return invalid("--path", "\"" + flags.path + "\" is not a path");
  if (flags.bird_socket.empty() || flags.bird_socket.size() >= sizeof(sockaddr_un::sun_path)) {
    return invalid("--bird-socket", "a socket's path has 1 to 107 bytes");
  }
  for (const std::string& name : flags.protocol) {
    if (!is_symbol(name)) return invalid("--protocol", "\"" + name + "\" is no name in BIRD");
  }
  return {};
}

Expected<HealthOptions> understand(const Flags& flags) {
  const Expected<Address> address = parse_address(flags.address);
  if (!address) return invalid("--address", address.error().message);
  if (const auto checked = check(flags); !checked) return std::unexpected(checked.error());
  return HealthOptions{.check = {.address = *address,
                                 .host = flags.address,
                                 .path = flags.path,
                                 .timeout = std::chrono::milliseconds{flags.timeout_ms}},
                       .bird_socket = flags.bird_socket,
                       .protocols = flags.protocol,
                       .interval = std::chrono::milliseconds{flags.interval_ms},
                       .fall = flags.fall,
                       .rise = flags.rise};
}

}  // namespace

Expected<std::variant<HealthOptions, Printed>> parse_options(int argc, const char* const* argv) {
  CLI::App app{"Withdraws an edge's anycast routes while its web server does not answer.",
               "firstbyte-edge-health"};
  Flags flags;
  declare(app, flags);
  auto printed = parse_command_line(app, argc, argv);
  if (!printed) return std::unexpected(printed.error());
  if (*printed) return **std::move(printed);
  Expected<HealthOptions> options = understand(flags);
  if (!options) return std::unexpected(options.error());
  return *std::move(options);
}

}  // namespace firstbyte::health
