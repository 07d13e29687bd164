#include "cli/command_shape.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace firstbyte::cli {
namespace {

// "cold|resumed|warm" is a list of words, "IP[:PORT]" is none.
std::vector<std::string> choices_in(const std::string& type) {
  const bool is_list = type.find('|') != std::string::npos && std::ranges::all_of(type, [](char c) {
                         return c == '|' || c == '.' || (c >= 'a' && c <= 'z') ||
                                (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
                       });
  return is_list ? CLI::detail::split(type, '|') : std::vector<std::string>{};
}

FlagShape shape_of_option(const CLI::Option& option) {
  FlagShape shape{.names = {},
                  .type = {},
                  .help = option.get_description(),
                  .choices = {},
                  .takes_file = false};
  for (const std::string& name : option.get_lnames()) shape.names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) shape.names.push_back("-" + name);
  if (option.get_positional()) shape.names = {option.get_name(true)};
  if (option.get_items_expected_max() > 0) shape.type = option.get_type_name();
  shape.choices = choices_in(shape.type);
  shape.takes_file = shape.type.starts_with("FILE");
  return shape;
}

}  // namespace

CommandShape shape_of(const CLI::App& app) {
  CommandShape shape{.name = app.get_name(),
                     .about = app.get_description(),
                     .footer = app.get_footer(),
                     .positionals = {},
                     .flags = {}};
  for (const CLI::Option* option : app.get_options()) {
    (option->get_positional() ? shape.positionals : shape.flags)
        .push_back(shape_of_option(*option));
  }
  return shape;
}

std::vector<CommandShape> commands_of(const CLI::App& app) {
  std::vector<CommandShape> commands;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    commands.push_back(shape_of(*command));
  }
  return commands;
}

}  // namespace firstbyte::cli
