// Log lines of both binaries: one line an event, on standard error, UTC.
#pragma once

#include <string>

#include "common/error.h"

namespace firstbyte {

// `level` is trace, debug, info, warn or error; the Error names the flag "--log-level".
Expected<> start_logging(const std::string& level);

}  // namespace firstbyte
