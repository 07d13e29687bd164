// How text for people is laid out, and the small pieces that are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/measurement.h"

namespace firstbyte {

struct TextStyle {
  std::size_t width = 80;  // columns
  bool unicode = false;    // box characters; else ASCII
  bool colour = false;
};

// Of standard output: a terminal's own width and colours (unless NO_COLOR is set), else 80 columns
// and none; box characters where the locale speaks UTF-8.
TextStyle standard_output_style();

enum class Colour : std::uint8_t {
  kRed = 31,
  kGreen = 32,
  kYellow = 33,
  kBlue = 34,
  kMagenta = 35,
  kCyan = 36,
  kGrey = 90,
};
// Unchanged where there are no colours.
std::string painted(const TextStyle& style, Colour colour, std::string_view text);

// "8.230 ms", or "-" for what did not happen.
std::string millis_text(std::optional<Micros> duration);
// "192.0.2.1:443", "[2001:db8::1]:443", or "-".
std::string endpoint_text(const std::optional<Endpoint>& endpoint);
// "failed in connect: refused (target)", and "alert 40" of a TLS alert.
std::string failure_text(const Failure& failure);
// `text` broken at its blanks, each line behind `indent` columns. A longer word is left whole.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width);

}  // namespace firstbyte
