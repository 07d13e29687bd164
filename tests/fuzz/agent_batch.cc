#include <google/protobuf/stubs/logging.h>
#include <spdlog/spdlog.h>

#include <cstdint>

#include "collector/ingest/agent_message.h"
#include "tests/fuzz/require.h"

// What the collector makes of the bytes on an agent's stream, results that cannot be read included.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace firstbyte;
  using fuzz::require;
  static const google::protobuf::LogSilencer kSilencer;
  spdlog::set_level(spdlog::level::off);
  const grpc::Slice slice(data, size);
  const auto incoming = collector::read_message(grpc::ByteBuffer(&slice, 1));
  if (!incoming) {
    require(!incoming.error().message.empty(), "a refusal says why");
    return 0;
  }
  if (!incoming->message.has_results()) return 0;
  collector::IngestStats stats;
  collector::ResultBatch batch;
  batch.agent.id = "tokyo";
  batch.received_at = WallTime{Micros{1'790'000'000'000'000}};
  const collector::ResultClock clock{collector::ClockOffset{Micros{-180}, Micros{240}}, 5};
  const auto read = collector::read_results(*incoming, clock, batch, stats);
  if (!read) {
    require(!read.error().message.empty(), "a refusal says why");
    return 0;
  }
  const auto said = static_cast<std::size_t>(incoming->message.results().results_size());
  require(batch.results.size() + batch.gaps.size() == said, "each is a result or a gap");
  require(stats.rejected >= incoming->unreadable.size(), "what cannot be read is a failure");
  for (const auto& result : batch.results) {
    const auto& clocked = result.received.clock;
    require(!clocked || clocked->error >= clock.offset->error,
            "an old result's clock is not known better");
    require(!clocked || result.sequence > clock.unknown_up_to, "nor that of before a step");
  }
  return 0;
}
