#include "agent/probe/response_headers.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "common/utf8.h"
#include "tests/fuzz/require.h"

using firstbyte::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  firstbyte::agent::ResponseHeaders collected;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n') + 1);
    collected.add_line(line.empty() ? rest : line);
    rest.remove_prefix(line.empty() ? rest.size() : line.size());
  }
  constexpr std::array<std::string_view, 4> kSecret{"set-cookie", "cookie", "authorization",
                                                    "proxy-authorization"};
  std::size_t bytes = 0;
  for (const auto& [name, value] : collected.headers()) {
    bytes += name.size() + value.size();
    require(!name.empty(), "a header has a name");
    require(firstbyte::is_printable_utf8(name) && firstbyte::is_printable_utf8(value),
            "names and values can be shown");
    require(std::ranges::none_of(name, [](char c) { return c >= 'A' && c <= 'Z'; }),
            "names are in lower case");
    require(!name.starts_with(' ') && !name.ends_with(' ') && !value.starts_with(' ') &&
                !value.ends_with(' '),
            "there are no blanks around them");
    const bool secret = std::ranges::find(kSecret, name) != kSecret.end();
    require(!secret || value == "<redacted>", "secrets are redacted");
  }
  require(collected.headers().size() <= firstbyte::kMaxHeaders, "headers are bounded");
  require(bytes <= firstbyte::kMaxHeaderBytes, "their bytes are bounded");
  return 0;
}
