#include "collector/api/target_status_json.h"

#include <algorithm>
#include <boost/json.hpp>
#include <map>

#include "collector/api/json_parts.h"
#include "common/target_json.h"

namespace firstbyte::collector {
namespace {

namespace json = boost::json;

// For the way here, and the commit.
constexpr std::chrono::seconds kGrace{2};

std::int64_t slots_until(const Check& check, WallTime time) {
  return (time.time_since_epoch() - check.offset) / check.interval;
}

// By this collector's clock, as far as the agent's is known.
WallTime corrected(const CheckRecord::Last& last, WallTime time) {
  return time - last.clock.value_or(ClockOffset{}).offset;
}

// Missing data is neither up nor down: after two slots without a result nobody knows, since one of
// them may have been skipped; after the first where the agent is not connected, since no result can
// be on its way; nor when it was the agent that failed.
std::string_view state_of(const Check& check, const CheckRecord& record, bool connected,
                          WallTime now) {
  if (!record.last) return "no_data";
  const Micros patience = (connected ? 2 : 1) * check.interval + check.target.timeout + kGrace;
  // A slot was before its result came, whatever the agent's clock said.
  const WallTime slot =
      std::min(corrected(*record.last, record.last->scheduled_at), record.last->received_at);
  if (now - slot > patience) return "no_data";
  const auto& failure = record.last->failure;
  if (failure && failure->origin == Origin::kAgent) return "no_data";
  return failure ? to_string(CityState::kFailed) : to_string(CityState::kFinished);
}

json::value failure_value(const std::optional<Failure>& failure) {
  if (!failure) return nullptr;
  return json::object{
      {"phase", failure->phase ? json::value(json_text(to_string(*failure->phase))) : nullptr},
      {"origin", json_text(to_string(failure->origin))},
      {"cause", json_text(to_string(failure->cause))},
      {"message", json_text(failure->message)}};
}

json::value last_value(const std::optional<CheckRecord::Last>& last) {
  if (!last) return nullptr;
  return json::object{
      {"scheduled_at", time_value(last->scheduled_at)},
      {"measured_at", time_value(last->measured_at)},
      {"corrected_at",
       last->clock ? time_value(corrected(*last, last->measured_at)) : json::value(nullptr)},
      {"received_at", time_value(last->received_at)},
      {"clock_offset_us", last->clock ? json::value(last->clock->offset.count()) : nullptr},
      {"clock_error_us", last->clock ? json::value(last->clock->error.count()) : nullptr},
      {"status", last->status ? json::value(*last->status) : nullptr},
      {"ttfb_us", last->ttfb ? json::value(last->ttfb->count()) : nullptr},
      {"total_us", last->total.count()},
      {"failure", failure_value(last->failure)}};
}

json::object slots_object(const Check& check, const CheckRecord& record, WallTime now) {
  const std::int64_t passed = slots_until(check, now) - slots_until(check, record.since);
  const auto expected = static_cast<std::uint64_t>(std::max<std::int64_t>(passed, 0));
  const std::uint64_t known = record.stored + record.skipped;
  return {{"expected", expected},
          {"stored", record.stored},
          {"late", record.late},
          {"skipped", record.skipped},
          {"no_data", expected - std::min(expected, known)}};
}

json::object city_object(const Check& check, const CheckRecord& record, bool connected,
                         WallTime now) {
  return {{"agent", agent_object(record.agent)},
          {"state", json_text(state_of(check, record, connected, now))},
          {"since", time_value(record.since)},
          {"slots", slots_object(check, record, now)},
          {"last", last_value(record.last)}};
}

}  // namespace

std::string targets_json(const CheckPlan& plan, const std::vector<CheckRecord>& records,
                         const AgentRegistry& agents, WallTime now) {
  std::map<std::uint64_t, std::vector<const CheckRecord*>> by_check;
  for (const CheckRecord& record : records) by_check[record.check].push_back(&record);
  json::array targets;
  for (const ConfiguredTarget& target : plan.targets()) {
    json::array cities;
    for (const CheckRecord* record : by_check[target.check.id]) {
      // An agent that is not asked any more may not have come back to be told.
      if (!is_meant(record->agent, target)) continue;
      Check check = target.check;
      check.offset = CheckPlan::offset_of(check, record->agent.id);
      const bool connected = agents.find(record->agent.id).has_value();
      cities.push_back(city_object(check, *record, connected, now));
    }
    json::value chosen = nullptr;
    if (!target.cities.empty()) {
      json::array names;
      for (const std::string& city : target.cities) names.push_back(json::value(json_text(city)));
      chosen = std::move(names);
    }
    targets.push_back(json::object{{"name", json_text(target.check.name)},
                                   {"target", target_value(redacted(target.check.target))},
                                   {"interval_us", target.check.interval.count()},
                                   {"chosen_cities", std::move(chosen)},
                                   {"cities", std::move(cities)}});
  }
  return json::serialize(json::object{{"targets", std::move(targets)}});
}

}  // namespace firstbyte::collector
