#include "common/utf8.h"

#include <cstdint>

#include "tests/fuzz/require.h"

using firstbyte::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string text = firstbyte::to_utf8(bytes);
  require(firstbyte::is_printable_utf8(text), "whatever came, printable UTF-8 comes of it");
  require(text.size() <= 2 * bytes.size(), "at most two bytes come of one");
  require(firstbyte::to_utf8(text) == text, "printable text stays as it is");
  require(firstbyte::is_printable_utf8(bytes) == (text == bytes), "only what is odd is changed");
  return 0;
}
