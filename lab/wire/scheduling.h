// What the kernel is asked for so that a packet leaves on time.
#pragma once

namespace firstbyte::wire {

// On a busy machine this is what matters most: without a real-time class a process waits until
// others have had their turn, some milliseconds. Gives whether it was allowed.
bool schedule_fifo();
// Timers of this thread are not rounded up to be served together with others.
void want_exact_timers();

}  // namespace firstbyte::wire
