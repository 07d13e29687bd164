#include "collector/store/condition_reads.h"

#include <fmt/format.h>

#include <bit>
#include <utility>

namespace firstbyte::collector {
namespace {

std::optional<AgentCondition::Spool> take_spool(Rows& rows) {
  const auto at = rows.take<std::optional<WallTime>>();
  SpoolStatus status{.results = rows.take<std::uint64_t>(),
                     .bytes = rows.take<std::uint64_t>(),
                     .oldest_measured_at = rows.take<std::optional<WallTime>>(),
                     .lost = rows.take<std::uint64_t>(),
                     .error = rows.take<std::string>(),
                     .set_aside_at = rows.take<std::optional<WallTime>>()};
  if (!at) return std::nullopt;
  return AgentCondition::Spool{std::move(status), *at};
}

std::optional<AgentCondition::Clock> take_agent_clock(Rows& rows) {
  const auto at = rows.take<std::optional<WallTime>>();
  const ClockOffset offset{rows.take<Micros>(), rows.take<Micros>()};
  if (!at) return std::nullopt;
  return AgentCondition::Clock{offset, *at};
}

// Calls `take` with each row and the agent that its first column names, if that is one of them.
template <typename Take>
Expected<> for_each(Expected<Rows> rows, const std::map<std::string_view, AgentRecord*>& agents,
                    Take take) {
  if (!rows) return std::unexpected(std::move(rows.error()));
  while (true) {
    const auto row = rows->next();
    if (!row) return std::unexpected(row.error());
    if (!*row) return {};
    const auto agent = agents.find(rows->take<std::string>());
    if (agent == agents.end()) continue;
    if (Expected<> taken = take(*rows, *agent->second); !taken) return taken;
  }
}

}  // namespace

Expected<> ConditionReads::complete(std::vector<AgentRecord>& agents) {
  ById by_id;
  for (AgentRecord& agent : agents) by_id[agent.identity.id] = &agent;
  for (const auto add : {&ConditionReads::add_conditions, &ConditionReads::add_lost,
                         &ConditionReads::add_gaps, &ConditionReads::add_clock_steps}) {
    if (auto added = (this->*add)(by_id); !added) return added;
  }
  return {};
}

Expected<> ConditionReads::add_conditions(const ById& agents) {
  return for_each(conditions_.query(), agents, [](Rows& rows, AgentRecord& agent) -> Expected<> {
    agent.condition.spool = take_spool(rows);
    agent.condition.clock = take_agent_clock(rows);
    return {};
  });
}

Expected<> ConditionReads::add_lost(const ById& agents) {
  return for_each(lost_.query(), agents, [](Rows& rows, AgentRecord& agent) -> Expected<> {
    agent.lost_results = rows.take<std::uint64_t>();
    return {};
  });
}

Expected<> ConditionReads::add_gaps(const ById& agents) {
  return for_each(
      gaps_.query(AgentRecord::kLatest), agents, [](Rows& rows, AgentRecord& agent) -> Expected<> {
        StoredGap stored;
        stored.boot = std::bit_cast<std::uint64_t>(rows.take<std::int64_t>());
        stored.gap.first = rows.take<std::uint64_t>();
        stored.gap.last = rows.take<std::uint64_t>();
        const auto reason = rows.take<std::string>();
        const auto known = gap_reason_from_string(reason);
        if (!known) {
          return fatal(fmt::format("a gap of agent {} has a reason that is not known, {}",
                                   agent.identity.id, reason));
        }
        stored.gap.reason = *known;
        stored.gap.recorded_at = rows.take<WallTime>();
        stored.received_at = rows.take<WallTime>();
        agent.gaps.push_back(stored);
        return {};
      });
}

Expected<> ConditionReads::add_clock_steps(const ById& agents) {
  return for_each(
      steps_.query(AgentRecord::kLatest), agents, [](Rows& rows, AgentRecord& agent) -> Expected<> {
        agent.clock_steps.push_back(
            {.at = rows.take<WallTime>(), .by = rows.take<Micros>(), .error = rows.take<Micros>()});
        return {};
      });
}

}  // namespace firstbyte::collector
