#include "agent/cli/result_json.h"

#include <boost/json.hpp>

#include "common/measurement_json.h"
#include "common/utf8.h"

namespace firstbyte::agent {

std::string result_json(const Measurement& measurement, const std::optional<ListPlace>& place) {
  namespace json = boost::json;
  json::object result;
  result["url"] = json_text(to_utf8(measurement.url));
  if (place) {
    result["line"] = place->line;
    result["late_us"] = place->late ? json::value(place->late->count()) : json::value(nullptr);
  }
  result["agent"] = nullptr;
  result["state"] = measurement.failure ? "failed" : "finished";
  put_measurement(result, &measurement, measurement.failure, builtin_edges());
  result["received_at"] = nullptr;
  result["clock_offset_us"] = nullptr;
  result["clock_error_us"] = nullptr;
  return json::serialize(result);
}

}  // namespace firstbyte::agent
