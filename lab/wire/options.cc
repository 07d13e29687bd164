#include "lab/wire/options.h"

#include <CLI/CLI.hpp>

namespace firstbyte::wire {

Expected<std::variant<WireOptions, Printed>> parse_options(int argc, const char* const* argv) {
  CLI::App app{"Delays what passes between pairs of interfaces, as long wires would.",
               "firstbyte-wire"};
  WireOptions options;
  app.add_option("--wires", options.wires, "the wires, as JSON")->type_name("FILE")->required();
  app.add_option("--control", options.control, "UNIX socket at which they can be changed")
      ->type_name("PATH")
      ->required();
  app.set_version_flag("--version", "firstbyte-wire " FIRSTBYTE_VERSION);
  auto printed = parse_command_line(app, argc, argv);
  if (!printed) return std::unexpected(printed.error());
  if (*printed) return **std::move(printed);
  return options;
}

}  // namespace firstbyte::wire
