#include "agent/stream/result_batch.h"

#include <vector>

#include "proto/codec.h"

namespace firstbyte::agent {
namespace {

constexpr std::size_t kMostBytes = 1024 * 1024;

v1::SequencedResult as_message(const SpooledRecord& record, WallTime now) {
  if (const Gap* gap = std::get_if<Gap>(&record.body)) return encode(*gap);
  const auto& bytes = std::get<std::string>(record.body);
  v1::SequencedResult result;
  result.set_sequence(record.sequence);
  if (bytes.size() <= kMaxResultBytes && result.mutable_measurement()->ParseFromString(bytes)) {
    return result;
  }
  // The collector could not read it either, or would not take it, and would never get past it.
  return encode(Gap{record.sequence, record.sequence, GapReason::kSpoolUnreadable, now});
}

}  // namespace

std::optional<ResultBatch> read_batch(SqliteSpool& spool, std::uint64_t boot,
                                      std::uint64_t sequence, WallTime now) {
  const auto records = spool.after(boot, sequence, kMostInBatch, kMostBytes);
  if (records.empty()) return std::nullopt;
  ResultBatch batch;
  batch.message.mutable_results()->set_follows(sequence);
  for (const SpooledRecord& record : records) {
    *batch.message.mutable_results()->add_results() = as_message(record, now);
  }
  batch.last = records.back().sequence;
  return batch;
}

std::optional<ResultBatch> read_ahead(SqliteSpool& spool, std::uint64_t boot,
                                      std::uint64_t sequence, WallTime now) {
  ResultBatch batch{.message = {}, .last = sequence};
  std::size_t bytes = 0;
  // What does not fit comes with the next, or in its turn.
  while (bytes < kMostBytes / 2) {
    const auto record = spool.next_ordered(boot, batch.last);
    if (!record) break;
    batch.last = record->sequence;
    v1::SequencedResult result = as_message(*record, now);
    if (result.has_gap()) continue;
    bytes += result.ByteSizeLong();
    *batch.message.mutable_results()->add_results() = std::move(result);
  }
  if (!batch.message.has_results()) return std::nullopt;
  batch.message.mutable_results()->set_ahead(true);
  return batch;
}

}  // namespace firstbyte::agent
