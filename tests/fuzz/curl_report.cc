#include <algorithm>
#include <cstdint>

#include "agent/cli/curl_comparison.h"
#include "agent/cli/curl_run.h"
#include "common/utf8.h"
#include "tests/fuzz/require.h"

using firstbyte::fuzz::require;

// What the installed curl prints, and the text that is made of it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto report =
      firstbyte::agent::parse_curl_report({reinterpret_cast<const char*>(data), size});
  if (!report) return 0;
  for (const auto& time : {report->namelookup, report->connect, report->appconnect,
                           report->pretransfer, report->starttransfer, report->total}) {
    require(!time || time->count() > 0, "what curl did not reach is absent");
  }
  require(!report->status || (*report->status > 0 && *report->status < 1000), "a status is one");
  require(report->body_bytes >= 0, "a body has no negative size");
  std::string text =
      firstbyte::agent::curl_comparison({}, firstbyte::agent::CurlRequest{}, *report, {});
  std::erase(text, '\n');
  require(firstbyte::is_printable_utf8(text), "the comparison can be shown");
  return 0;
}
