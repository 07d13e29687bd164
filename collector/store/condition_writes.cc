#include "collector/store/condition_writes.h"

namespace firstbyte::collector {

Expected<> ConditionWrites::record(const std::string& agent_id, const AgentCondition& condition) {
  if (condition.spool) {
    const SpoolStatus& spool = condition.spool->status;
    auto stored =
        record_spool_.run(agent_id, condition.spool->at, spool.results, spool.bytes,
                          spool.oldest_measured_at, spool.lost, spool.error, spool.set_aside_at);
    if (!stored) return stored;
  }
  if (!condition.clock) return {};
  return record_clock_.run(agent_id, condition.clock->at, condition.clock->offset.offset,
                           condition.clock->offset.error);
}

Expected<> ConditionWrites::record_step(const std::string& agent_id, const ClockStep& step) {
  return record_step_.run(agent_id, step.at, step.by, step.error);
}

}  // namespace firstbyte::collector
