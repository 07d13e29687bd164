// How well the agent was while it measured.
#pragma once

#include "agent/probe/event_loop.h"
#include "agent/probe/phase_recorder.h"
#include "common/measurement.h"

namespace firstbyte::agent {

// A loop that lags so much is not keeping up: with room to spare its turns take the cryptography of
// a few handshakes, 1 ms each, while on a crowded processor it is away for 60 to 80 ms. As an
// addition to a TTFB it could make `good` of what was `excellent`.
inline constexpr Micros kOverloadedLag{20'000};

// Of the probe that has just finished with this recorder. The control target is not known here.
SelfCheck check_self(const PhaseRecorder& finished, const EventLoop& loop);

}  // namespace firstbyte::agent
