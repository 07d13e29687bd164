// Reads the body of POST /tests: untrusted bytes.
#pragma once

#include <string_view>

#include "collector/dispatch/dispatcher.h"
#include "common/error.h"

namespace firstbyte::collector {

// A target (common/target_json.h) with "agents": ["..."] in the same object; all but the URL may be
// left out. Errors are kInvalid with the JSON pointer of the field, or without one when the body as
// a whole is at fault.
Expected<TestRequest> parse_test_request(std::string_view body);

}  // namespace firstbyte::collector
