#include "cli/printable.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>

#include "common/utf8.h"

namespace firstbyte::cli {
namespace {

std::uint32_t code_point(std::string_view sequence) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(sequence[i]); };
  if (sequence.size() == 1) return byte(0);
  std::uint32_t point = byte(0) & (0x7fU >> sequence.size());
  for (std::size_t i = 1; i < sequence.size(); ++i) point = (point << 6) | (byte(i) & 0x3fU);
  return point;
}

bool is_obeyed(std::uint32_t point) {
  return point < 0x20 || (point >= 0x7f && point <= 0x9f) ||
         (point >= 0x200b && point <= 0x200f) ||  // of no width, marks of direction
         (point >= 0x2028 && point <= 0x202e) ||  // line and paragraph ends, embeddings, overrides
         (point >= 0x2066 && point <= 0x2069);    // isolates
}

// `spell` writes a character that a terminal obeys, `broken` a byte that is no UTF-8.
template <typename Spell, typename Broken>
std::string spelt_out(std::string_view text, Spell spell, Broken broken) {
  std::string safe;
  safe.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      safe += broken(static_cast<unsigned char>(text.front()));
      text.remove_prefix(1);
      continue;
    }
    const std::string_view sequence = text.substr(0, length);
    const std::uint32_t point = code_point(sequence);
    safe += is_obeyed(point) ? spell(point) : std::string(sequence);
    text.remove_prefix(length);
  }
  return safe;
}

}  // namespace

std::string printable(std::string_view bytes) {
  return spelt_out(
      bytes,
      [](std::uint32_t point) {
        return fmt::format(fmt::runtime(point < 0x80 ? "\\x{:02x}" : "\\u{:04x}"), point);
      },
      [](unsigned char byte) { return fmt::format("\\x{:02x}", byte); });
}

std::string printable_json(std::string_view json) {
  return spelt_out(
      json, [](std::uint32_t point) { return fmt::format("\\u{:04x}", point); },
      [](unsigned char) { return std::string("\\ufffd"); });
}

}  // namespace firstbyte::cli
