#include "collector/ingest/agent_message.h"

#include <fmt/format.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <spdlog/spdlog.h>

#include <string>
#include <utility>
#include <vector>

#include "common/utf8.h"
#include "proto/codec.h"

namespace firstbyte::collector {
namespace {

template <typename Message>
bool parse(grpc::ByteBuffer bytes, Message& message) {
  return grpc::SerializationTraits<Message>::Deserialize(&bytes, &message).ok();
}

// Each result by itself, so that one of them cannot take the others down: a byte that is no UTF-8
// would do.
Expected<IncomingMessage> read_apart(const grpc::ByteBuffer& bytes) {
  const auto nonsense = [] { return invalid("", "the agent sent a message that cannot be read"); };
  v1::ResultsApart apart;
  if (!parse(bytes, apart) || !apart.has_results()) return nonsense();
  IncomingMessage incoming;
  v1::ResultBatch& batch = *incoming.message.mutable_results();
  batch.set_follows(apart.results().follows());
  batch.set_ahead(apart.results().ahead());
  for (const v1::ResultsApart::Result& part : apart.results().results()) {
    v1::SequencedResult& result = *batch.add_results();
    result.set_sequence(part.sequence());
    if (part.has_gap() && !result.mutable_gap()->ParseFromString(part.gap())) return nonsense();
    if (part.has_measurement() &&
        !result.mutable_measurement()->ParseFromString(part.measurement())) {
      incoming.unreadable.insert(part.sequence());
    }
  }
  return incoming;
}

Measurement rejected(const v1::Measurement& message, const std::string& why, WallTime now) {
  Measurement measurement;
  measurement.test_id = cut_text(to_utf8(message.test_id()), 64);
  measurement.url = cut_text(to_utf8(message.url()), 2048);
  measurement.measured_at = now;
  measurement.failure = Failure{std::nullopt, Origin::kAgent, Cause::kInternal,
                                fmt::format("the agent's result was not valid: {}", why)};
  return measurement;
}

Expected<Measurement> read_measurement(const v1::SequencedResult& result, bool readable) {
  if (!readable) return invalid("", "it cannot be read");
  return decode(result.measurement());
}

// With the clock as it was when the measurement began, as far as that is known.
ReceivedMeasurement received(Measurement measurement, std::uint64_t sequence, WallTime now,
                             const ResultClock& known) {
  const bool stepped = measurement.self_check.value_or(SelfCheck{}).clock_stepped;
  if (!known.offset || sequence <= known.unknown_up_to || stepped) {
    return {std::move(measurement), now, {}};
  }
  const ClockOffset clock =
      ClockFilter::aged(*known.offset, now - (measurement.measured_at - known.offset->offset));
  return {std::move(measurement), now, clock};
}

}  // namespace

Expected<IncomingMessage> read_message(const grpc::ByteBuffer& bytes) {
  if (bytes.Length() > kMaxMessageBytes) {
    return invalid("", fmt::format("the agent sent a message of {} bytes; {} are the most",
                                   bytes.Length(), kMaxMessageBytes));
  }
  IncomingMessage incoming;
  if (parse(bytes, incoming.message)) return incoming;
  return read_apart(bytes);
}

Expected<> read_results(const IncomingMessage& incoming, const ResultClock& clock,
                        ResultBatch& batch, IngestStats& stats) {
  const auto& results = incoming.message.results().results();
  if (results.size() > kMaxBatch) {
    return invalid("results", fmt::format("agent {} sent {} results at once; {} are the most",
                                          batch.agent.id, results.size(), kMaxBatch));
  }
  batch.follows = incoming.message.results().follows();
  batch.ahead = incoming.message.results().ahead();
  batch.results.reserve(static_cast<std::size_t>(results.size()));
  std::uint64_t previous = 0;
  for (const v1::SequencedResult& result : results) {
    const std::uint64_t first =
        result.has_gap() ? result.gap().first_sequence() : result.sequence();
    if (first <= previous) {
      return invalid("sequence",
                     fmt::format("agent {} sent result {} after {}; sequences start at 1 and rise",
                                 batch.agent.id, first, previous));
    }
    previous = result.sequence();
    if (result.has_gap()) {
      const Expected<Gap> gap = decode_gap(result);
      if (!gap) {
        return invalid(gap.error().field, fmt::format("agent {} sent a gap that is not valid: {}",
                                                      batch.agent.id, gap.error().message));
      }
      batch.gaps.push_back(*gap);
      continue;
    }
    ++stats.results;
    Expected<Measurement> measurement =
        read_measurement(result, !incoming.unreadable.contains(result.sequence()));
    if (measurement) {
      batch.results.push_back(
          {result.sequence(),
           received(*std::move(measurement), result.sequence(), batch.received_at, clock)});
      continue;
    }
    const std::string& why = measurement.error().message;
    ++stats.rejected;
    spdlog::warn("agent {} sent a result that is not valid: {}", batch.agent.id, why);
    // When it began by the agent's clock is not known.
    batch.results.push_back(
        {result.sequence(),
         {rejected(result.measurement(), why, batch.received_at), batch.received_at, {}}});
  }
  return {};
}

}  // namespace firstbyte::collector
