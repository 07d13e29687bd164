#include "common/edge.h"

#include <algorithm>
#include <cstdint>
#include <ranges>
#include <string_view>

#include "tests/fuzz/require.h"

using firstbyte::fuzz::require;

// A header a line, as agents send them: name, colon, value.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  firstbyte::Headers headers;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto part : std::views::split(text, '\n')) {
    const std::string_view line(part.begin(), part.end());
    const auto colon = line.find(':');
    if (colon != std::string_view::npos) {
      headers.emplace_back(line.substr(0, colon), line.substr(colon + 1));
    }
  }
  const auto edge = firstbyte::builtin_edges().find(headers);
  if (!edge) return 0;
  require(!edge->name.empty(), "an edge has a name");
  require(std::ranges::any_of(headers,
                              [&](const auto& header) {
                                return header.first == edge->header &&
                                       header.second.contains(edge->name);
                              }),
          "the name is part of the header that it is said to come from");
  return 0;
}
