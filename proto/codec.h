// The only crossing between the domain's values and protobuf. Encoding cannot fail; decoding
// refuses whatever breaks a bound or an invariant, naming the field, since the other side is not
// trusted.
#pragma once

#include "common/check.h"
#include "common/delivery.h"
#include "common/error.h"
#include "common/measurement.h"
#include "common/target.h"
#include "firstbyte/v1/agent.pb.h"

namespace firstbyte {

v1::AgentIdentity encode(const AgentIdentity& identity);
Expected<AgentIdentity> decode(const v1::AgentIdentity& message);

v1::Measurement encode(const Measurement& measurement);
Expected<Measurement> decode(const v1::Measurement& message);

// A gap stands in the place of the results that it tells of.
v1::SequencedResult encode(const Gap& gap);
Expected<Gap> decode_gap(const v1::SequencedResult& message);

v1::AgentStatus encode(const SpoolStatus& status);
Expected<SpoolStatus> decode(const v1::AgentStatus& message);

v1::ProbeOrder encode(const ProbeOrder& order);
Expected<ProbeOrder> decode(const v1::ProbeOrder& message);

// Refused are also two checks of one id.
v1::Assignment encode(const Assignment& assignment);
Expected<Assignment> decode(const v1::Assignment& message);

v1::Phase encode(Phase phase);
Expected<Phase> decode(v1::Phase phase);

}  // namespace firstbyte
