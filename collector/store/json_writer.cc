#include "collector/store/json_writer.h"

#include <fmt/format.h>

#include <cstddef>

namespace firstbyte::collector {
namespace {

// By byte, what follows its backslash: 'u' for a number, 0 when it needs none.
constexpr std::array<char, 256> kEscapes = [] {
  std::array<char, 256> escapes{};
  for (std::size_t byte = 0; byte < 0x20; ++byte) escapes[byte] = 'u';
  escapes['\b'] = 'b';
  escapes['\f'] = 'f';
  escapes['\n'] = 'n';
  escapes['\r'] = 'r';
  escapes['\t'] = 't';
  escapes['"'] = '"';
  escapes['\\'] = '\\';
  return escapes;
}();

}  // namespace

void JsonWriter::value(std::string_view text) {
  put("\"");
  std::size_t written = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const char escape = kEscapes[byte];
    if (escape == 0) continue;
    out_.append(text, written, i - written);
    written = i + 1;
    out_ += '\\';
    out_ += escape;
    if (escape == 'u') out_ += fmt::format("{:04x}", byte);
  }
  out_.append(text, written);
  out_ += '"';
}

}  // namespace firstbyte::collector
