#include "cli/completion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "cli/command_shape.h"

namespace firstbyte::cli {
namespace {

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

// The first sentence or clause of a help, on one line.
std::string in_short(std::string_view help) {
  std::string line = replaced(std::string(help), "\n", " ");
  return line.substr(0, std::min(line.find(';'), line.find(" (default")));
}

// Between single quotes of a POSIX shell; fish reads that, too.
std::string single_quoted(std::string_view text) {
  return "'" + replaced(std::string(text), "'", "'\\''") + "'";
}

std::string names_of(const std::vector<CommandShape>& commands) {
  std::vector<std::string> names;
  names.reserve(commands.size());
  for (const CommandShape& command : commands) names.push_back(command.name);
  return fmt::format("{}", fmt::join(names, " "));
}

// ---- bash

std::string bash_value(const FlagShape& flag) {
  if (flag.takes_file) return "COMPREPLY=($(compgen -f -- \"$word\"))";
  if (flag.choices.empty()) return "COMPREPLY=()";
  return fmt::format("COMPREPLY=($(compgen -W {} -- \"$word\"))",
                     single_quoted(fmt::format("{}", fmt::join(flag.choices, " "))));
}

std::string bash_command(const CommandShape& command) {
  std::string values;
  std::vector<std::string> words;
  for (const FlagShape& flag : command.flags) {
    words.insert(words.end(), flag.names.begin(), flag.names.end());
    if (!flag.takes_value()) continue;
    values +=
        fmt::format("        {}) {}; return ;;\n", fmt::join(flag.names, "|"), bash_value(flag));
  }
  for (const FlagShape& positional : command.positionals) {
    words.insert(words.end(), positional.choices.begin(), positional.choices.end());
  }
  std::string text = fmt::format("    {})\n", command.name);
  if (!values.empty()) text += "      case \"$previous\" in\n" + values + "      esac\n";
  return text + fmt::format("      words={} ;;\n",
                            single_quoted(fmt::format("{}", fmt::join(words, " "))));
}

std::string bash_script(const CommandShape& root, const std::vector<CommandShape>& commands) {
  std::vector<std::string> first;
  for (const FlagShape& flag : root.flags) {
    first.insert(first.end(), flag.names.begin(), flag.names.end());
  }
  std::string cases;
  for (const CommandShape& command : commands) cases += bash_command(command);
  return fmt::format(
      "# bash completion of firstbyte; made by `firstbyte completion bash`\n"
      "_firstbyte() {{\n"
      "  local word=\"${{COMP_WORDS[COMP_CWORD]}}\" previous=\"${{COMP_WORDS[COMP_CWORD-1]}}\"\n"
      "  local words={}\n"
      "  if [ \"$COMP_CWORD\" -gt 1 ]; then\n"
      "    words=\n"
      "    case \"${{COMP_WORDS[1]}}\" in\n{}    esac\n"
      "  fi\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
      "}}\n"
      "complete -o default -F _firstbyte firstbyte\n",
      single_quoted(fmt::format("{} {}", names_of(commands), fmt::join(first, " "))), cases);
}

// ---- zsh

// What stands between its brackets and behind its colons.
std::string zsh_escaped(std::string text) {
  for (const std::string_view special : {"\\", "[", "]", ":"}) {
    text = replaced(std::move(text), special, "\\" + std::string(special));
  }
  return text;
}

std::string zsh_value(const FlagShape& flag) {
  if (!flag.takes_value() && flag.names.front().starts_with('-')) return "";
  const std::string label = zsh_escaped(flag.type.empty() ? flag.names.front() : flag.type);
  if (flag.takes_file) return fmt::format(":{}:_files", label);
  if (flag.choices.empty()) return fmt::format(":{}: ", label);
  return fmt::format(":{}:({})", label, fmt::join(flag.choices, " "));
}

std::string zsh_command(const CommandShape& command) {
  std::string text = fmt::format("    {})\n      _arguments -s", command.name);
  for (const FlagShape& flag : command.flags) {
    for (const std::string& name : flag.names) {
      text +=
          fmt::format(" \\\n        {}",
                      single_quoted(fmt::format("*{}[{}]{}", name, zsh_escaped(in_short(flag.help)),
                                                zsh_value(flag))));
    }
  }
  int place = 0;
  for (const FlagShape& positional : command.positionals) {
    text += fmt::format(" \\\n        {}",
                        single_quoted(fmt::format("{}{}", ++place, zsh_value(positional))));
  }
  return text + " ;;\n";
}

std::string zsh_script(const std::vector<CommandShape>& commands) {
  std::string described;
  std::string cases;
  for (const CommandShape& command : commands) {
    described += fmt::format(
        "    {}\n",
        single_quoted(fmt::format("{}:{}", command.name, zsh_escaped(in_short(command.about)))));
    cases += zsh_command(command);
  }
  return fmt::format(
      "#compdef firstbyte\n"
      "# zsh completion of firstbyte; made by `firstbyte completion zsh`\n"
      "_firstbyte() {{\n"
      "  local -a commands=(\n{}  )\n"
      "  if (( CURRENT == 2 )); then\n"
      "    _describe command commands\n"
      "    return\n"
      "  fi\n"
      "  local command=$words[2]\n"
      "  shift words\n"
      "  (( CURRENT-- ))\n"
      "  case $command in\n{}  esac\n"
      "}}\n"
      "compdef _firstbyte firstbyte\n",
      described, cases);
}

// ---- fish

std::string fish_flag(const CommandShape& command, const FlagShape& flag) {
  std::string text =
      fmt::format("complete -c firstbyte -n '__fish_seen_subcommand_from {}'", command.name);
  for (const std::string& name : flag.names) {
    text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  if (flag.takes_value()) text += flag.takes_file ? " -r -F" : " -x";
  if (!flag.choices.empty()) {
    text += " -a " + single_quoted(fmt::format("{}", fmt::join(flag.choices, " ")));
  }
  return text + " -d " + single_quoted(in_short(flag.help)) + "\n";
}

std::string fish_script(const std::vector<CommandShape>& commands) {
  std::string text =
      "# fish completion of firstbyte; made by `firstbyte completion fish`\n"
      "complete -c firstbyte -f\n";
  for (const CommandShape& command : commands) {
    text += fmt::format("complete -c firstbyte -n __fish_use_subcommand -a {} -d {}\n",
                        command.name, single_quoted(in_short(command.about)));
    for (const FlagShape& flag : command.flags) text += fish_flag(command, flag);
    for (const FlagShape& positional : command.positionals) {
      if (positional.choices.empty()) continue;
      text += fmt::format("complete -c firstbyte -n '__fish_seen_subcommand_from {}' -a {}\n",
                          command.name,
                          single_quoted(fmt::format("{}", fmt::join(positional.choices, " "))));
    }
  }
  return text;
}

}  // namespace

Expected<std::string> completion_script(const CLI::App& app, const std::string& shell) {
  const std::vector<CommandShape> commands = commands_of(app);
  if (shell == "bash") return bash_script(shape_of(app), commands);
  if (shell == "zsh") return zsh_script(commands);
  if (shell == "fish") return fish_script(commands);
  return invalid("SHELL", fmt::format("{} is not one of bash, zsh, fish", shell));
}

}  // namespace firstbyte::cli
