#include "collector/api/header_list.h"

#include <cstdint>

#include "tests/fuzz/require.h"

using firstbyte::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view header(reinterpret_cast<const char*>(data), size);
  for (const std::string_view name : {"gzip", "text/html", "application/json"}) {
    const auto weight = firstbyte::collector::preference(header, name);
    require(!weight || (*weight >= 0 && *weight <= 1), "a weight lies between 0 and 1");
  }
  firstbyte::collector::prefers_html(header);
  return 0;
}
