#include "agent/probe/deadline.h"

#include <utility>

namespace firstbyte::agent {
namespace {

// libcurl reads 16 KiB in a turn: 20 for the longest head and body that are taken, and a few for
// its own timers and for each completion that is posted. Bounded, so that who sends without end
// gains nothing; an idle loop is through in well under a millisecond.
constexpr int kTurns = 32;

}  // namespace

Deadline::Deadline(EventLoop& loop, MonotonicTime when, EventLoop::Task over)
    : loop_(loop),
      over_(std::move(over)),
      turns_left_(kTurns),
      timer_(loop.call_at(when, [this] { due(); })) {}

void Deadline::due() {
  if (turns_left_-- > 0) {
    // What a timer sets for now comes in the next turn, behind its events and what was posted.
    timer_ = loop_.call_at(loop_.clock().now(), [this] { due(); });
    return;
  }
  const EventLoop::Task over = std::move(over_);  // which may destroy this
  over();
}

}  // namespace firstbyte::agent
