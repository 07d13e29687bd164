// The member "expect" of a target's JSON (target_json.h).
#pragma once

#include <boost/json/value.hpp>
#include <string>

#include "common/error.h"
#include "common/target.h"

namespace firstbyte {

// Errors are kInvalid with the JSON pointer of the member at fault, below `pointer`.
Expected<> take_expectations(const boost::json::value& value, const std::string& pointer,
                             Expectations& expect);

// Every member, null where nothing is expected.
boost::json::object expectations_value(const Expectations& expect);

}  // namespace firstbyte
