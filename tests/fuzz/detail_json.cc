#include "collector/store/detail_json.h"

#include <cstdint>

#include "tests/fuzz/require.h"

using firstbyte::fuzz::require;

// What a row of the store holds, be it damaged.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  firstbyte::Measurement read;
  read.self_check.emplace();  // half of which has columns
  if (!firstbyte::collector::detail_from_json(text, read)) return 0;
  firstbyte::Measurement again;
  again.self_check.emplace();
  const auto stored =
      firstbyte::collector::detail_from_json(firstbyte::collector::detail_to_json(read), again);
  require(stored && again == read, "what is stored anew is the same");
  return 0;
}
