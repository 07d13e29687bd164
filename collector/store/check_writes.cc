#include "collector/store/check_writes.h"

#include <bit>
#include <boost/json/serialize.hpp>
#include <set>
#include <utility>

#include "common/target_json.h"

namespace firstbyte::collector {

Expected<> CheckWrites::assign(const std::string& agent_id, const std::vector<Check>& checks,
                               WallTime at) {
  std::set<std::int64_t> gone;
  {
    auto rows = open_.query(agent_id);
    if (!rows) return std::unexpected(std::move(rows.error()));
    while (true) {
      const auto row = rows->next();
      if (!row) return std::unexpected(row.error());
      if (!*row) break;
      gone.insert(rows->take<std::int64_t>());
    }
  }
  for (const Check& check : checks) {
    const auto id = std::bit_cast<std::int64_t>(check.id);
    auto known = insert_version_.run(id, check.name,
                                     boost::json::serialize(target_value(redacted(check.target))),
                                     check.interval);
    if (!known) return known;
    if (auto assigned = assign_.run(id, agent_id, check.offset, at); !assigned) return assigned;
    gone.erase(id);
  }
  for (const std::int64_t id : gone) {
    if (auto ended = end_.run(at, agent_id, id); !ended) return ended;
  }
  return {};
}

Expected<std::optional<CheckWrites::Assigned>> CheckWrites::find(const std::string& agent_id,
                                                                 const Measurement& measurement) {
  if (!measurement.slot) return std::nullopt;
  auto rows = find_.query(std::bit_cast<std::int64_t>(measurement.slot->check), agent_id);
  if (!rows) return std::unexpected(std::move(rows.error()));
  const auto row = rows->next();
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::nullopt;
  const auto id = rows->take<std::int64_t>();
  return Assigned{id, rows->take<Micros>()};
}

Expected<> CheckWrites::count(const Assigned& assigned, const ReceivedMeasurement& received,
                              std::int64_t result_id) {
  const CheckSlot& slot = received.measurement.slot.value();
  const Micros ahead = received.clock ? received.clock->offset : Micros{0};
  return count_.run(assigned.id, slot.scheduled_at - ahead, is_late(slot, assigned.interval),
                    slot.skipped, result_id, assigned.interval);
}

}  // namespace firstbyte::collector
