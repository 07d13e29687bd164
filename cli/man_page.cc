#include "cli/man_page.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <string_view>

#include "cli/command_shape.h"

namespace firstbyte::cli {
namespace {

// Text that roff takes for text: a line may not begin with a control character.
std::string roff(std::string_view text) {
  std::string escaped;
  bool line_begins = true;
  for (const char c : text) {
    if (line_begins && (c == '.' || c == '\'')) escaped += "\\&";
    if (c == '\\') {
      escaped += "\\e";
    } else if (c == '-') {
      escaped += "\\-";
    } else {
      escaped += c;
    }
    line_begins = c == '\n';
  }
  return escaped;
}

std::string flag_entry(const FlagShape& flag) {
  std::string names = fmt::format("{}", fmt::join(flag.names, ", "));
  const std::string value = flag.takes_value() ? " \\fI" + roff(flag.type) + "\\fR" : "";
  return fmt::format(".TP\n\\fB{}\\fR{}\n{}\n", roff(names), value, roff(flag.help));
}

std::string command_section(const CommandShape& command) {
  std::string arguments;
  for (const FlagShape& positional : command.positionals) {
    arguments += fmt::format(" \\fI{}\\fR", roff(positional.names.front()));
  }
  std::string text =
      fmt::format(".SS firstbyte {}{}\n{}.\n", roff(command.name), arguments, roff(command.about));
  for (const FlagShape& positional : command.positionals) text += flag_entry(positional);
  for (const FlagShape& flag : command.flags) text += flag_entry(flag);
  if (!command.footer.empty()) text += fmt::format(".PP\n{}\n", roff(command.footer));
  return text;
}

}  // namespace

std::string man_page(const CLI::App& app) {
  const CommandShape root = shape_of(app);
  std::string text = fmt::format(
      ".TH FIRSTBYTE 1 \"\" \"firstbyte {}\" \"Firstbyte\"\n"
      ".SH NAME\nfirstbyte \\- time to first byte from many cities\n"
      ".SH SYNOPSIS\n\\fBfirstbyte\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n"
      ".SH DESCRIPTION\n{}\n.SH OPTIONS\n",
      FIRSTBYTE_VERSION, roff(root.about));
  for (const FlagShape& flag : root.flags) text += flag_entry(flag);
  text += ".SH COMMANDS\n";
  for (const CommandShape& command : commands_of(app)) text += command_section(command);
  return text + fmt::format(".SH NOTES\n.nf\n{}\n.fi\n", roff(root.footer));
}

}  // namespace firstbyte::cli
