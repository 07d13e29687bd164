// When each probe of a list starts: one after the other in the order of the lines, `concurrency` at
// once at most and, with a rate R, line n not before its slot at epoch + n/R. The epoch is when the
// first line came. A slot that finds no room waits for it, and starts that catch up are paced; the
// slots behind it keep their times, so that being late is not hidden by a clock that waits as well.
// Each line is probed, so none is skipped: only slots that pass while the input has nothing to
// offer are nobody's. Holds one waiting line: whoever feeds it reads no further until that has
// started. Pure; the time is what the caller says.
#pragma once

#include <cstdint>
#include <optional>

#include "agent/cli/line_reader.h"
#include "agent/schedule/pacer.h"
#include "agent/schedule/slots.h"
#include "common/clock.h"

namespace firstbyte::agent {

class BatchSchedule {
 public:
  struct Start {
    Line line;
    std::optional<MonotonicTime> slot;  // absent without a rate
  };

  // Without a rate nothing is due at any time, and so nothing is paced.
  BatchSchedule(std::size_t concurrency, std::optional<double> rate);

  bool wants_line() const { return !waiting_; }
  // `was_idle`: the input had nothing to offer before this line.
  void offer(Line line, MonotonicTime now, bool was_idle);
  // The waiting line, if it is to start; it runs from now on.
  std::optional<Start> start(MonotonicTime now);
  void finished() { --running_; }

  // When start() will have something, be it long ago. Absent when that takes a line or a free place
  // first.
  std::optional<MonotonicTime> next_start() const;
  std::size_t running() const { return running_; }

 private:
  const std::size_t concurrency_;
  const std::optional<Slots::Period> period_;
  std::optional<Slots> slots_;  // from the first line on
  Pacer pacer_;
  std::optional<Start> waiting_;
  std::size_t running_ = 0;
};

}  // namespace firstbyte::agent
