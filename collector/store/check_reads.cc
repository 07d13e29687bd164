#include "collector/store/check_reads.h"

#include <fmt/format.h>

#include <bit>
#include <utility>

#include "collector/store/row_parts.h"

namespace firstbyte::collector {
namespace {

Expected<std::optional<CheckRecord::Last>> take_last(Rows& rows) {
  const auto id = rows.take<std::optional<std::int64_t>>();
  CheckRecord::Last last;
  last.scheduled_at = rows.take<WallTime>();
  last.measured_at = rows.take<WallTime>();
  last.received_at = rows.take<WallTime>();
  last.clock = take_clock(rows);
  last.status = rows.take<std::optional<int>>();
  last.ttfb = rows.take<std::optional<Micros>>();
  last.total = rows.take<Micros>();
  auto failure = take_failure(rows);
  if (!failure) {
    return fatal(fmt::format("result {}: {}", id.value_or(0), failure.error().message));
  }
  last.failure = *std::move(failure);
  if (!id) return std::nullopt;
  return last;
}

}  // namespace

Expected<std::vector<CheckRecord>> CheckReads::records() {
  auto rows = records_.query();
  if (!rows) return std::unexpected(std::move(rows.error()));
  std::vector<CheckRecord> records;
  while (true) {
    const auto row = rows->next();
    if (!row) return std::unexpected(row.error());
    if (!*row) return records;
    CheckRecord& record = records.emplace_back();
    record.check = std::bit_cast<std::uint64_t>(rows->take<std::int64_t>());
    record.since = rows->take<WallTime>();
    record.stored = rows->take<std::uint64_t>();
    record.late = rows->take<std::uint64_t>();
    record.skipped = rows->take<std::uint64_t>();
    record.agent = take_identity(*rows);
    auto last = take_last(*rows);
    if (!last) return std::unexpected(std::move(last.error()));
    record.last = *std::move(last);
  }
}

}  // namespace firstbyte::collector
