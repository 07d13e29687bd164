#include "common/text_style.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace firstbyte {
namespace {

constexpr std::size_t kNarrowest = 60;
constexpr std::size_t kWidest = 160;

// Null when it is not set. Nothing here sets any, so reading is safe.
const char* environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr || *value == '\0' ? nullptr : value;
}

bool locale_speaks_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = environment(name);
    if (value == nullptr) continue;
    const std::string_view locale = value;
    return std::ranges::any_of(std::array{"UTF-8", "utf8", "utf-8", "UTF8"},
                               [&](const char* word) { return locale.contains(word); });
  }
  return false;
}

}  // namespace

TextStyle standard_output_style() {
  TextStyle style;
  style.unicode = locale_speaks_utf8();
  if (isatty(STDOUT_FILENO) == 0) return style;
  style.colour = environment("NO_COLOR") == nullptr;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    style.width = std::clamp<std::size_t>(size.ws_col, kNarrowest, kWidest);
  }
  return style;
}

std::string painted(const TextStyle& style, Colour colour, std::string_view text) {
  if (!style.colour || text.empty()) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", static_cast<int>(colour), text);
}

std::string millis_text(std::optional<Micros> duration) {
  if (!duration) return "-";
  return fmt::format("{:.3f} ms", static_cast<double>(duration->count()) / 1e3);
}

std::string endpoint_text(const std::optional<Endpoint>& endpoint) {
  if (!endpoint) return "-";
  return fmt::format(fmt::runtime(endpoint->ip.contains(':') ? "[{}]:{}" : "{}:{}"), endpoint->ip,
                     endpoint->port);
}

std::string failure_text(const Failure& failure) {
  const std::string where =
      failure.phase ? fmt::format("failed in {}", to_string(*failure.phase)) : "failed";
  const std::string alert =
      failure.tls_alert ? fmt::format(" {}", *failure.tls_alert) : std::string();
  return fmt::format("{}: {}{} ({})", where, to_string(failure.cause), alert,
                     to_string(failure.origin));
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::string lines;
  std::size_t column = 0;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (column > 0 && column + 1 + word.size() > width) {
      lines += '\n';
      column = 0;
    }
    if (column == 0) {
      lines.append(indent, ' ');
      column = indent;
    } else {
      lines += ' ';
      ++column;
    }
    lines += word;
    column += word.size();
  }
  return lines + '\n';
}

}  // namespace firstbyte
