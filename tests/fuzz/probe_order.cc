#include <google/protobuf/stubs/logging.h>

#include <cstdint>

#include "proto/codec.h"
#include "tests/fuzz/require.h"

using firstbyte::fuzz::require;

// What a collector can ask of an agent.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const google::protobuf::LogSilencer kSilencer;
  firstbyte::v1::ProbeOrder message;
  if (!message.ParseFromArray(data, static_cast<int>(size))) return 0;
  const auto order = firstbyte::decode(message);
  if (!order) {
    require(!order.error().message.empty(), "a refusal says why");
    return 0;
  }
  const firstbyte::Target& target = order->target;
  require(target.headers.size() <= firstbyte::kMaxRequestHeaders, "headers are bounded");
  require(target.body.size() <= firstbyte::kMaxRequestBody, "the body is bounded");
  require(target.samples >= 1 && target.samples <= firstbyte::kMaxSamples, "samples are bounded");
  require(target.max_redirects >= 0 && target.max_redirects <= firstbyte::kMaxRedirects,
          "redirects are bounded");
  require(target.timeout.count() > 0, "it takes some time");
  const auto again = firstbyte::decode(firstbyte::encode(*order));
  require(again && again->test_id == order->test_id && again->target == target,
          "encoding loses nothing");
  return 0;
}
