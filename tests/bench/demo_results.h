// Results as the demo's agents send them, for the benchmarks of the way in: five phases that the
// kernel saw, ten headers, the facts of the handshake, the resolver's answer, the self-check.
#pragma once

#include <cstdint>

#include "common/measurement.h"

namespace firstbyte::bench {

// The number-th of any number of agents; the first fourteen stand in the demo's cities.
AgentIdentity demo_agent(std::size_t number);

// The result that an agent sends under this sequence, of no test. No two are alike in their times,
// ports, `date` and request id, as no two real ones are.
Measurement demo_result(std::uint64_t sequence);

}  // namespace firstbyte::bench
