#include "cli/printable.h"

#include <cstdint>

#include "common/utf8.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using firstbyte::fuzz::require;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const std::string& safe :
       {firstbyte::cli::printable(text), firstbyte::cli::printable_json(text)}) {
    require(firstbyte::is_printable_utf8(safe), "nothing is left that a terminal obeys");
    for (std::size_t at = safe.find('\xc2'); at != std::string::npos;
         at = safe.find('\xc2', at + 1)) {
      require(static_cast<unsigned char>(safe[at + 1]) >= 0xa0, "nor of two bytes");
    }
  }
  require(
      firstbyte::cli::printable(firstbyte::cli::printable(text)) == firstbyte::cli::printable(text),
      "what is printable stays as it is");
  return 0;
}
