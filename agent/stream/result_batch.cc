#include "agent/stream/result_batch.h"

#include <vector>

#include "proto/codec.h"

namespace firstbyte::agent {
namespace {

constexpr std::size_t kMostRecords = 50;
constexpr std::size_t kMostBytes = 1024 * 1024;

v1::SequencedResult as_message(const SpooledRecord& record, WallTime now) {
  if (const Gap* gap = std::get_if<Gap>(&record.body)) return encode(*gap);
  v1::SequencedResult result;
  result.set_sequence(record.sequence);
  if (result.mutable_measurement()->ParseFromString(std::get<std::string>(record.body))) {
    return result;
  }
  // The collector could not read it either, and would never get past it.
  return encode(Gap{record.sequence, record.sequence, GapReason::kSpoolUnreadable, now});
}

}  // namespace

std::optional<ResultBatch> read_batch(SqliteSpool& spool, std::uint64_t boot,
                                      std::uint64_t sequence, WallTime now) {
  const auto records = spool.after(boot, sequence, kMostRecords, kMostBytes);
  if (records.empty()) return std::nullopt;
  ResultBatch batch;
  for (const SpooledRecord& record : records) {
    *batch.message.mutable_results()->add_results() = as_message(record, now);
  }
  batch.last = records.back().sequence;
  return batch;
}

}  // namespace firstbyte::agent
