#include "proto/codec.h"
#include "proto/wire_bounds.h"

namespace firstbyte {
namespace {

std::optional<WallTime> decode_wall(bool has, std::int64_t us, std::string_view field,
                                    Bounds& bounds) {
  if (!has) return std::nullopt;
  return WallTime{Micros{bounds.between<std::int64_t>(us, 0, kMaxWallMicros, field)}};
}

}  // namespace

v1::SequencedResult encode(const Gap& gap) {
  v1::SequencedResult message;
  message.set_sequence(gap.last);
  message.mutable_gap()->set_first_sequence(gap.first);
  message.mutable_gap()->set_reason(encode_enum<v1::GapReason>(gap.reason));
  message.mutable_gap()->set_recorded_at_us(gap.recorded_at.time_since_epoch().count());
  return message;
}

Expected<Gap> decode_gap(const v1::SequencedResult& message) {
  Bounds bounds;
  Gap gap{.first = message.gap().first_sequence(), .last = message.sequence()};
  bounds.between<std::uint64_t>(gap.first, 1, gap.last, "gap.first_sequence");
  gap.reason =
      decode_enum(message.gap().reason(), GapReason::kSpoolUnreadable, "gap.reason", bounds);
  gap.recorded_at =
      decode_wall(true, message.gap().recorded_at_us(), "gap.recorded_at_us", bounds).value();
  if (bounds.error()) return std::unexpected(*bounds.error());
  return gap;
}

v1::AgentStatus encode(const SpoolStatus& status) {
  v1::AgentStatus message;
  message.set_spool_results(status.results);
  message.set_spool_bytes(status.bytes);
  if (status.oldest_measured_at) {
    message.set_oldest_measured_at_us(status.oldest_measured_at->time_since_epoch().count());
  }
  message.set_lost_results(status.lost);
  message.set_spool_error(status.error);
  if (status.set_aside_at) {
    message.set_spool_set_aside_at_us(status.set_aside_at->time_since_epoch().count());
  }
  return message;
}

Expected<SpoolStatus> decode(const v1::AgentStatus& message) {
  Bounds bounds;
  SpoolStatus status{.results = message.spool_results(),
                     .bytes = message.spool_bytes(),
                     .oldest_measured_at = {},
                     .lost = message.lost_results(),
                     .error = bounds.text(message.spool_error(), "status.spool_error", kMaxMessage),
                     .set_aside_at = {}};
  bounds.printable(message.spool_error(), "status.spool_error");
  status.oldest_measured_at =
      decode_wall(message.has_oldest_measured_at_us(), message.oldest_measured_at_us(),
                  "status.oldest_measured_at_us", bounds);
  status.set_aside_at =
      decode_wall(message.has_spool_set_aside_at_us(), message.spool_set_aside_at_us(),
                  "status.spool_set_aside_at_us", bounds);
  if (bounds.error()) return std::unexpected(*bounds.error());
  return status;
}

}  // namespace firstbyte
