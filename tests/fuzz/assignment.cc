#include <google/protobuf/stubs/logging.h>

#include <cstdint>
#include <set>

#include "proto/codec.h"
#include "tests/fuzz/require.h"

using firstbyte::fuzz::require;

// What a collector can have an agent probe on a schedule, and what an agent finds kept in its
// folder.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const google::protobuf::LogSilencer kSilencer;
  firstbyte::v1::Assignment message;
  if (!message.ParseFromArray(data, static_cast<int>(size))) return 0;
  const auto assignment = firstbyte::decode(message);
  if (!assignment) {
    require(!assignment.error().message.empty(), "a refusal says why");
    return 0;
  }
  require(assignment->checks.size() <= firstbyte::kMaxChecks, "checks are bounded");
  std::set<std::uint64_t> ids;
  for (const firstbyte::Check& check : assignment->checks) {
    require(ids.insert(check.id).second, "an id is one check's");
    require(firstbyte::is_check_name(check.name), "a check's name is one");
    require(check.interval >= firstbyte::kMinInterval && check.interval <= firstbyte::kMaxInterval,
            "intervals are bounded");
    require(check.offset.count() >= 0 && check.offset < check.interval,
            "a slot is within its interval");
    require(check.target.timeout.count() > 0, "a probe takes some time");
  }
  const auto again = firstbyte::decode(firstbyte::encode(*assignment));
  require(again && *again == *assignment, "encoding loses nothing");
  return 0;
}
