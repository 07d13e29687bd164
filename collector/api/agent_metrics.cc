#include "collector/api/agent_metrics.h"

#include <functional>
#include <optional>
#include <string>

namespace firstbyte::collector {
namespace {

using Reading = std::function<std::optional<double>(const AgentView&)>;

prometheus::MetricFamily gauge(const char* name, const char* help,
                               const std::vector<AgentView>& agents, const Reading& read) {
  prometheus::MetricFamily family{name, help, prometheus::MetricType::Gauge, {}};
  for (const AgentView& agent : agents) {
    const std::optional<double> value = read(agent);
    if (!value) continue;
    prometheus::ClientMetric metric;
    metric.label = {{"agent", agent.record.identity.id}};
    metric.gauge.value = *value;
    family.metric.push_back(std::move(metric));
  }
  return family;
}

double seconds(Micros span) { return std::chrono::duration<double>(span).count(); }

// Of a connected agent's spool.
Reading of_spool(std::uint64_t SpoolStatus::* figure) {
  return [figure](const AgentView& agent) -> std::optional<double> {
    const auto& spool = agent.record.condition.spool;
    if (!agent.connected_since || !spool) return std::nullopt;
    return static_cast<double>(spool->status.*figure);
  };
}

// Of a connected agent's clock.
Reading of_clock(Micros ClockOffset::* figure) {
  return [figure](const AgentView& agent) -> std::optional<double> {
    const auto& clock = agent.record.condition.clock;
    if (!agent.connected_since || !clock) return std::nullopt;
    return seconds(clock->offset.*figure);
  };
}

std::optional<double> age(const AgentView& agent) {
  if (!agent.connected_since) return std::nullopt;
  return oldest_age(agent.record.condition).transform(seconds);
}

}  // namespace

std::vector<prometheus::MetricFamily> agent_metrics(const std::vector<AgentView>& agents) {
  return {
      gauge("firstbyte_agent_connected", "1 while the agent is connected, else 0", agents,
            [](const AgentView& agent) { return agent.connected_since ? 1.0 : 0.0; }),
      gauge("firstbyte_agent_lost_results", "Results of the agent that are known to be missing",
            agents,
            [](const AgentView& agent) { return static_cast<double>(agent.record.lost_results); }),
      gauge("firstbyte_agent_spool_results", "Results in the agent's spool, as it said last",
            agents, of_spool(&SpoolStatus::results)),
      gauge("firstbyte_agent_spool_bytes", "Size of the agent's spool, as it said last", agents,
            of_spool(&SpoolStatus::bytes)),
      gauge("firstbyte_agent_spool_oldest_age_seconds",
            "How old the oldest spooled result was when the agent said so", agents, age),
      gauge("firstbyte_agent_clock_offset_seconds",
            "How far the agent's clock is ahead of the collector's", agents,
            of_clock(&ClockOffset::offset)),
      gauge("firstbyte_agent_clock_error_seconds", "How wrong that can be at most", agents,
            of_clock(&ClockOffset::error))};
}

}  // namespace firstbyte::collector
