// What comes up an agent's stream: bytes at first, and not to be trusted.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>

#include "collector/ingest/clock_filter.h"
#include "collector/ingest/ingest_stats.h"
#include "collector/store/store.h"
#include "common/error.h"
#include "firstbyte/v1/agent.pb.h"

namespace firstbyte::collector {

// A message of an agent; the agent cuts its own at a mebibyte, unless one result alone is larger.
inline constexpr std::size_t kMaxMessageBytes = 8 * 1024 * 1024;
// Results and gaps in one message; the agent sends up to fifty.
inline constexpr int kMaxBatch = 1'000;

struct IncomingMessage {
  v1::AgentMessage message;
  // Sequences of results that could not be read. What was read of each before that is in the
  // message.
  std::set<std::uint64_t> unreadable;
};

// The Error, kInvalid, says what is wrong with the whole of it; a single result that cannot be read
// is no such thing.
Expected<IncomingMessage> read_message(const grpc::ByteBuffer& bytes);

// Fills in the batch's results and gaps. One that breaks the protocol's bounds becomes a failure of
// the agent: that there was one is not lost. The Error, kInvalid, is of those that do not follow
// one another, of too many, and of gaps that make no sense.
Expected<> read_results(const IncomingMessage& incoming, const ResultClock& clock,
                        ResultBatch& batch, IngestStats& stats);

}  // namespace firstbyte::collector
