// A measurement as the JSON that the API and `firstbyte-agent probe --json` speak alike;
// schema/openapi.json describes it. Durations are microseconds, times RFC 3339 in UTC, what did not
// happen is null. A target of its own, since an agent that only runs needs no JSON: whoever links
// it links Boost.JSON too, as an archive or shared.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <optional>
#include <string_view>

#include "common/edge.h"
#include "common/measurement.h"

namespace firstbyte {

boost::json::string json_text(std::string_view text);

// Adds to a result what comes of its measurement, "timings" to "measured_at". `measurement` is null
// when nothing was measured, and then every number is too; `failure` is why it failed, or why there
// is none; `edges` says who answered.
void put_measurement(boost::json::object& result, const Measurement* measurement,
                     const std::optional<Failure>& failure, const EdgeRules& edges);
// Adds "city", "country", "latitude" and "longitude".
void put_location(boost::json::object& object, const EdgeLocation& location);

}  // namespace firstbyte
