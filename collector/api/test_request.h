// Reads the body of POST /tests: untrusted bytes.
#pragma once

#include <string_view>

#include "collector/dispatch/dispatcher.h"
#include "common/error.h"

namespace firstbyte::collector {

// {"url": "...", "agents": ["..."], "timeout_ms": 10000}; all but the URL may be left out. Errors
// are kInvalid with the JSON pointer of the field, or without one when the body as a whole is at
// fault.
Expected<TestRequest> parse_test_request(std::string_view body);

}  // namespace firstbyte::collector
