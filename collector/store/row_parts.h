// What rows of several questions have in common: each takes its next columns, in the order in which
// they are named here.
#pragma once

#include <optional>

#include "collector/store/store.h"
#include "common/sqlite.h"

namespace firstbyte::collector {

// agent_id, city, country, region, latitude, longitude, asn
AgentIdentity take_identity(Rows& rows);
// clock_offset_us, clock_error_us
std::optional<ClockOffset> take_clock(Rows& rows);
// target; the Error, kFatal, is of JSON that no target is.
Expected<Target> take_target(Rows& rows);
// failure_phase, failure_origin, failure_cause, failure_message; the Error, kFatal, is of words
// that are not known.
Expected<std::optional<Failure>> take_failure(Rows& rows);

}  // namespace firstbyte::collector
