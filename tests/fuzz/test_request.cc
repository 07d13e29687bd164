#include "collector/api/test_request.h"

#include <cstdint>

#include "common/target_url.h"
#include "common/utf8.h"
#include "tests/fuzz/require.h"

using firstbyte::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto request =
      firstbyte::collector::parse_test_request({reinterpret_cast<const char*>(data), size});
  if (!request) {
    require(request.error().kind == firstbyte::Error::Kind::kInvalid, "it is the sender's fault");
    require(request.error().field.empty() || request.error().field.starts_with('/'),
            "a refusal names its field by a JSON pointer");
    require(firstbyte::is_printable_utf8(request.error().message), "a refusal can be shown");
    return 0;
  }
  const auto url = firstbyte::parse_target_url(request->url);
  require(url && url->text == request->url, "the URL is normalised");
  require(request->agent_ids.size() <= 1000, "agents are bounded");
  require(request->timeout >= std::chrono::milliseconds{100} &&
              request->timeout <= std::chrono::seconds{30},
          "the timeout is bounded");
  return 0;
}
