#include "collector/api/test_request.h"

#include <boost/json.hpp>
#include <cstdint>

#include "common/target_json.h"
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
  const firstbyte::Target& target = request->target;
  const auto url = firstbyte::parse_target_url(target.url);
  require(url && url->text == target.url, "the URL is normalised");
  require(request->agent_ids.size() <= 1000, "agents are bounded");
  require(target.samples >= 1 && target.samples <= firstbyte::kMaxSamples, "samples are bounded");
  require(
      target.timeout >= firstbyte::kMinTimeout && target.timeout <= firstbyte::kMaxTimeoutOfSamples,
      "the timeout is bounded");
  // As the store keeps it.
  boost::system::error_code broken;
  const auto stored =
      boost::json::parse(boost::json::serialize(firstbyte::target_value(target)), broken);
  require(!broken, "the JSON is valid, in valid UTF-8");
  const auto again = firstbyte::parse_target(stored.as_object());
  require(again && *again == target, "what is stored is the same");
  return 0;
}
