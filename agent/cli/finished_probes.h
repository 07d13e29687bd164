// probe thread -> main thread: measurements as they end, and when each began. Never more than run
// at once, which whoever starts them bounds.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "common/measurement.h"
#include "common/mutex.h"

namespace firstbyte::agent {

class FinishedProbes {
 public:
  struct Finished {
    Measurement measurement;
    MonotonicTime began;
  };

  explicit FinishedProbes(const Clock& clock);
  ~FinishedProbes();
  FinishedProbes(const FinishedProbes&) = delete;
  FinishedProbes& operator=(const FinishedProbes&) = delete;

  // The engine's callbacks; the probe thread only. `test_id` tells the probes apart.
  void entered_phase(const std::string& test_id, Micros elapsed);
  void done(Measurement measurement) EXCLUDES(mutex_);

  // Readable while there is something to take.
  int fd() const { return fd_; }
  std::vector<Finished> take() EXCLUDES(mutex_);

 private:
  const Clock& clock_;
  const int fd_;
  // The probe thread only.
  std::unordered_map<std::string, MonotonicTime> began_;

  Mutex mutex_;
  std::vector<Finished> finished_ GUARDED_BY(mutex_);
};

}  // namespace firstbyte::agent
