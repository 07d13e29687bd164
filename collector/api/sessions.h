// People who have signed in on the page: a browser's EventSource cannot send an Authorization, but
// it sends a cookie. Thread-safe.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/clock.h"
#include "common/error.h"
#include "common/mutex.h"

namespace firstbyte::collector {

// Kept in memory: after a restart people sign in again. A session is no more than a stand-in for
// its token, which is asked for each time, so that a revoked token's sessions are over as well.
class Sessions {
 public:
  static constexpr std::chrono::hours kLifetime{12};
  static constexpr std::size_t kMaxSessions = 1000;  // the oldest goes when there is one more

  explicit Sessions(const Clock& clock) : clock_(clock) {}

  // What the browser is to show from now on. Fails only when the machine gives no random bytes.
  Expected<std::string> open(std::string token) EXCLUDES(mutex_);
  // The token behind it; absent when there is no such session, or not any more.
  std::optional<std::string> find(std::string_view session) const EXCLUDES(mutex_);
  void close(std::string_view session) EXCLUDES(mutex_);

 private:
  struct Session {
    std::string hash;
    std::string token;
    MonotonicTime ends;
  };

  const Clock& clock_;
  mutable Mutex mutex_;
  std::map<std::string, Session> sessions_ GUARDED_BY(mutex_);
};

}  // namespace firstbyte::collector
