// Results between being measured and being known to be committed by the collector. Thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "common/measurement.h"
#include "common/mutex.h"

namespace firstbyte::agent {

struct SpooledResult {
  std::uint64_t sequence = 0;
  Measurement measurement;
};

class Spool {
 public:
  virtual ~Spool() = default;

  // Numbers the result, from 1 without holes, and keeps it.
  virtual std::uint64_t append(Measurement measurement) = 0;
  // Up to `limit` results after `sequence`, oldest first.
  virtual std::vector<SpooledResult> after(std::uint64_t sequence, std::size_t limit) const = 0;
  // The collector has committed everything up to `sequence`: it may go.
  virtual void acknowledge(std::uint64_t sequence) = 0;
  // Results kept, and results that were given up since the bound was reached.
  virtual std::size_t depth() const = 0;
  virtual std::uint64_t dropped() const = 0;
};

// Lives as long as the process. At its bound the oldest result goes, and is counted.
class MemorySpool final : public Spool {
 public:
  explicit MemorySpool(std::size_t capacity) : capacity_(capacity) {}

  std::uint64_t append(Measurement measurement) override EXCLUDES(mutex_);
  std::vector<SpooledResult> after(std::uint64_t sequence, std::size_t limit) const override
      EXCLUDES(mutex_);
  void acknowledge(std::uint64_t sequence) override EXCLUDES(mutex_);
  std::size_t depth() const override EXCLUDES(mutex_);
  std::uint64_t dropped() const override EXCLUDES(mutex_);

 private:
  const std::size_t capacity_;
  mutable Mutex mutex_;
  std::deque<SpooledResult> results_ GUARDED_BY(mutex_);
  std::uint64_t last_sequence_ GUARDED_BY(mutex_) = 0;
  std::uint64_t dropped_ GUARDED_BY(mutex_) = 0;
};

}  // namespace firstbyte::agent
