// What several of the API's documents have in common.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>

#include "common/clock.h"
#include "common/measurement.h"
#include "common/measurement_json.h"

namespace firstbyte::collector {

// RFC 3339, or null.
inline boost::json::value time_value(const std::optional<WallTime>& time) {
  if (!time) return nullptr;
  return boost::json::value(json_text(format_rfc3339(*time)));
}

// Microseconds, or null.
inline boost::json::value micros_value(const std::optional<Micros>& duration) {
  return duration ? boost::json::value(duration->count()) : boost::json::value(nullptr);
}

inline boost::json::object agent_object(const AgentIdentity& agent) {
  using boost::json::value;
  return {{"id", json_text(agent.id)},
          {"city", json_text(agent.city)},
          {"country", json_text(agent.country)},
          {"region", json_text(agent.region)},
          {"latitude", agent.latitude},
          {"longitude", agent.longitude},
          {"asn", agent.asn ? value(*agent.asn) : value(nullptr)}};
}

}  // namespace firstbyte::collector
