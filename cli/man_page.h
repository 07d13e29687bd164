// The manual page, made from the command line's declaration.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace firstbyte::cli {

// roff with the man macros, section 1.
std::string man_page(const CLI::App& app);

}  // namespace firstbyte::cli
