// What the subcommands on a collector's folder have in common.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace firstbyte::collector {

// With --data-dir, which has to be given. `app` owns it.
CLI::App* add_subcommand(CLI::App& app, const char* name, const char* what, std::string& data_dir);

}  // namespace firstbyte::collector
