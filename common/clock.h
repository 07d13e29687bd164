// The two kinds of time. Durations are measured on the monotonic clock only, or between two of the
// kernel's stamps, which agent/probe/wire_times.h maps to it. The wall clock says when something
// happened and is never subtracted from itself to get a measurement.
#pragma once

#include <chrono>
#include <string>

namespace firstbyte {

using Micros = std::chrono::microseconds;
using MonotonicTime = std::chrono::steady_clock::time_point;
// UTC, microseconds since the Unix epoch.
using WallTime = std::chrono::sys_time<Micros>;

// Where stages get the time from, so that tests can turn it by hand. Implementations are
// thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual MonotonicTime now() const = 0;
  virtual WallTime wall() const = 0;
};

// The machine's own clocks; lives as long as the process.
const Clock& system_clock();

inline Micros to_micros(std::chrono::nanoseconds duration) {
  return std::chrono::floor<Micros>(duration);
}

// RFC 3339 in UTC: "2026-11-23T03:10:00.123456Z", or "2026-11-23T03:10:00Z" without `fraction`.
std::string format_rfc3339(WallTime time, bool fraction = true);

}  // namespace firstbyte
