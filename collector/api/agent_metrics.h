// The agents' figures for Prometheus: each with the label `agent`.
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "collector/api/agent_json.h"

namespace firstbyte::collector {

// Of spool and clock only what connected agents say; of the others there is no data.
std::vector<prometheus::MetricFamily> agent_metrics(const std::vector<AgentView>& agents);

}  // namespace firstbyte::collector
