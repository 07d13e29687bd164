// Shells' completion of the command line, made from its declaration.
#pragma once

#include <string>

#include "common/error.h"

namespace CLI {
class App;
}

namespace firstbyte::cli {

// For bash, zsh or fish; the Error names "SHELL".
Expected<std::string> completion_script(const CLI::App& app, const std::string& shell);

}  // namespace firstbyte::cli
