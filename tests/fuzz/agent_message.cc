#include <google/protobuf/stubs/logging.h>

#include <boost/json.hpp>
#include <cstdint>

#include "common/measurement_json.h"
#include "proto/codec.h"
#include "tests/fuzz/require.h"

namespace {

namespace json = boost::json;
using firstbyte::Measurement;
using firstbyte::Phase;
using firstbyte::fuzz::require;

void require_sound_timings(const firstbyte::Timings& timings) {
  firstbyte::Micros sum = timings.other();
  require(sum.count() >= 0, "the agent's own time is not negative");
  for (const Phase phase : firstbyte::kPhases) {
    const auto duration = timings.duration(phase);
    require(!duration || duration->count() >= 0, "no phase is negative");
    sum += duration.value_or(firstbyte::Micros{0});
  }
  require(sum == timings.total(), "the phases and `other` add up to the total");
}

// As the API and the events tell it: a page must be able to read that.
void require_json(const Measurement& measurement) {
  json::object object;
  firstbyte::put_measurement(object, &measurement, measurement.failure, firstbyte::builtin_edges());
  boost::system::error_code broken;
  json::parse(json::serialize(object), broken);
  require(!broken, "the JSON is valid, in valid UTF-8");
}

void look_at(const firstbyte::v1::Measurement& message) {
  const auto measurement = firstbyte::decode(message);
  if (!measurement) {
    require(!measurement.error().message.empty(), "a refusal says why");
    return;
  }
  require(measurement->headers.size() <= firstbyte::kMaxHeaders, "headers are bounded");
  require_sound_timings(measurement->timings);
  const auto again = firstbyte::decode(firstbyte::encode(*measurement));
  require(again && *again == *measurement, "encoding loses nothing");
  require_json(*measurement);
}

void look_at(const firstbyte::v1::AgentIdentity& message) {
  const auto identity = firstbyte::decode(message);
  if (!identity) return;
  require(firstbyte::is_agent_id(identity->id), "an agent's id is one");
  const auto again = firstbyte::decode(firstbyte::encode(*identity));
  require(again && *again == *identity, "encoding loses nothing");
}

}  // namespace

// Whatever an agent can send to the collector.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const google::protobuf::LogSilencer kSilencer;
  firstbyte::v1::AgentMessage message;
  if (!message.ParseFromArray(data, static_cast<int>(size))) return 0;
  if (message.has_hello()) look_at(message.hello().identity());
  if (message.has_progress()) {
    const auto phase = firstbyte::decode(message.progress().phase());
    if (phase) require(firstbyte::encode(*phase) == message.progress().phase(), "a phase is known");
  }
  for (const auto& result : message.results().results()) look_at(result.measurement());
  return 0;
}
