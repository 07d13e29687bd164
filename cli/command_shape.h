// A command line as it was declared, in the parts that a shell's completion and a manual page need.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace firstbyte::cli {

struct FlagShape {
  std::vector<std::string> names;    // "--family", "-4"
  std::string type;                  // "any|ipv4|ipv6|both", "FILE"; empty where no value follows
  std::string help;                  // lines broken as they were written
  std::vector<std::string> choices;  // of the type, where it is a list of words
  bool takes_file = false;
  bool takes_value() const { return !type.empty(); }
};

struct CommandShape {
  std::string name;
  std::string about;
  std::string footer;
  std::vector<FlagShape> positionals;  // one name each
  std::vector<FlagShape> flags;
};

CommandShape shape_of(const CLI::App& app);
// Of its subcommands, in the order in which they were declared.
std::vector<CommandShape> commands_of(const CLI::App& app);

}  // namespace firstbyte::cli
