// A target as JSON: what POST /tests takes beside "agents", the collector stores with a test, and
// the command line writes. docs/http-api.md and schema/openapi.json describe it. Links like
// measurement_json.h.
#pragma once

#include <boost/json/object.hpp>

#include "common/error.h"
#include "common/target.h"

namespace firstbyte {

// All but "url" may be left out. Errors are kInvalid with the JSON pointer of the member at fault.
Expected<Target> parse_target(const boost::json::object& object);

// What parse_target() took once and target_value() wrote. The URL is text of 1 to kMaxUrlLength
// bytes, and nothing is said of what cannot be asked for together: those rules may become stricter.
// The rules of the other members bind stored tests too, and may only become looser.
Expected<Target> parse_stored_target(const boost::json::object& object);

// Every member, null where nothing is asked for; times in whole milliseconds, as they are read.
boost::json::object target_value(const Target& target);

}  // namespace firstbyte
