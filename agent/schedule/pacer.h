// Keeps starts apart, so that what has become due at the same moment (slots that were waited out,
// say) does not begin its handshakes in one burst, in which each would measure the others'
// cryptography. Pure; the time is what the caller says.
#pragma once

#include "common/clock.h"

namespace firstbyte::agent {

// One handshake costs about this much of a processor (0.8 to 1 ms with ECDHE and RSA-2048), so that
// closer ones would wait for each other: at most 1,000 are begun in a second.
inline constexpr std::chrono::nanoseconds kStartGap = std::chrono::milliseconds{1};

class Pacer {
 public:
  explicit Pacer(std::chrono::nanoseconds gap = kStartGap) : gap_(gap) {}

  // Before it nothing starts; long ago when nothing has yet.
  MonotonicTime earliest() const { return earliest_; }
  void started(MonotonicTime now) { earliest_ = now + gap_; }

 private:
  const std::chrono::nanoseconds gap_;
  MonotonicTime earliest_{};
};

}  // namespace firstbyte::agent
