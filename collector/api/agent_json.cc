#include "collector/api/agent_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <utility>

#include "collector/api/json_parts.h"
#include "common/measurement_json.h"

namespace firstbyte::collector {
namespace {

namespace json = boost::json;

json::value spool_value(const AgentCondition& condition) {
  if (!condition.spool) return nullptr;
  const SpoolStatus& spool = condition.spool->status;
  const auto age = oldest_age(condition);
  return json::object{
      {"results", spool.results},
      {"bytes", spool.bytes},
      {"oldest_measured_at", time_value(spool.oldest_measured_at)},
      {"oldest_age_us", age ? json::value(age->count()) : json::value(nullptr)},
      {"lost_results", spool.lost},
      {"error", spool.error.empty() ? json::value(nullptr) : json::value(json_text(spool.error))},
      {"set_aside_at", time_value(spool.set_aside_at)},
      {"reported_at", time_value(condition.spool->at)}};
}

json::object gap_object(const StoredGap& stored) {
  const Gap& gap = stored.gap;
  const bool told = gap.reason != GapReason::kUnreported;
  // 64 bits are more than a number of JavaScript holds.
  return {{"boot", fmt::format("{:016x}", stored.boot)},
          {"first_sequence", gap.first},
          {"last_sequence", gap.last},
          {"count", gap.count()},
          {"reason", json_text(to_string(gap.reason))},
          {"recorded_at", told ? time_value(gap.recorded_at) : json::value(nullptr)},
          {"received_at", time_value(stored.received_at)}};
}

json::object step_object(const ClockStep& step) {
  return {
      {"at", time_value(step.at)}, {"by_us", step.by.count()}, {"error_us", step.error.count()}};
}

// What one that is away can do now is not known.
json::value capabilities_value(const AgentView& view) {
  if (!view.connected_since) return nullptr;
  json::array capabilities;
  for (const std::string& name : view.capabilities) capabilities.push_back(json_text(name));
  return capabilities;
}

json::object agent_status(const AgentView& view) {
  const AgentRecord& record = view.record;
  const auto& clock = record.condition.clock;
  json::array gaps;
  for (const StoredGap& gap : record.gaps) gaps.push_back(gap_object(gap));
  json::array steps;
  for (const ClockStep& step : record.clock_steps) steps.push_back(step_object(step));
  return {{"agent", agent_object(record.identity)},
          {"state", view.connected_since ? "connected" : "offline"},
          {"version", json_text(record.version)},
          {"capabilities", capabilities_value(view)},
          {"connected_since", time_value(view.connected_since)},
          {"last_seen_at", time_value(record.last_seen_at)},
          {"last_result_at", time_value(record.last_result_at)},
          {"clock_offset_us", clock ? json::value(clock->offset.offset.count()) : nullptr},
          {"clock_error_us", clock ? json::value(clock->offset.error.count()) : nullptr},
          {"clock_at", clock ? time_value(clock->at) : nullptr},
          {"clock_steps", std::move(steps)},
          {"spool", spool_value(record.condition)},
          {"lost_results", record.lost_results},
          {"gaps", std::move(gaps)}};
}

}  // namespace

std::vector<AgentView> view_agents(std::vector<AgentRecord> records,
                                   const std::vector<ConnectedAgent>& connected) {
  std::vector<AgentView> views;
  views.reserve(records.size());
  for (AgentRecord& record : records) views.push_back({std::move(record), std::nullopt});
  for (const ConnectedAgent& agent : connected) {
    auto view = std::ranges::find(views, agent.identity.id, [](const AgentView& known) {
      return std::string_view(known.record.identity.id);
    });
    if (view == views.end()) {
      AgentRecord record{.identity = {},
                         .version = {},
                         .last_seen_at = agent.connected_since,
                         .last_result_at = {}};
      view = views.insert(views.end(), {std::move(record), std::nullopt});
    }
    view->record.identity = agent.identity;
    view->record.version = agent.version;
    view->connected_since = agent.connected_since;
    view->capabilities = agent.capabilities;
    const AgentCondition now = agent.link->condition();
    if (now.spool) view->record.condition.spool = now.spool;
    if (now.clock) view->record.condition.clock = now.clock;
  }
  return views;
}

std::optional<Micros> oldest_age(const AgentCondition& condition) {
  if (!condition.spool || !condition.spool->status.oldest_measured_at) return std::nullopt;
  const Micros offset = condition.clock ? condition.clock->offset.offset : Micros{0};
  const WallTime measured = *condition.spool->status.oldest_measured_at - offset;
  return std::max(condition.spool->at - measured, Micros{0});
}

std::string agents_json(const std::vector<AgentView>& agents) {
  json::array list;
  for (const AgentView& view : agents) list.push_back(agent_status(view));
  return json::serialize(json::object{{"agents", std::move(list)}});
}

}  // namespace firstbyte::collector
