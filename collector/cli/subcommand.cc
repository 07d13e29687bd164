#include "collector/cli/subcommand.h"

#include <CLI/CLI.hpp>

namespace firstbyte::collector {

CLI::App* add_subcommand(CLI::App& app, const char* name, const char* what, std::string& data_dir) {
  CLI::App* command = app.add_subcommand(name, what);
  command->add_option("--data-dir", data_dir, "the collector's folder")
      ->type_name("DIR")
      ->required();
  return command;
}

}  // namespace firstbyte::collector
