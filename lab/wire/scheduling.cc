#include "lab/wire/scheduling.h"

#include <sched.h>
#include <sys/prctl.h>

namespace firstbyte::wire {

bool schedule_fifo() {
  const sched_param lowest{.sched_priority = 1};
  return sched_setscheduler(0, SCHED_FIFO, &lowest) == 0;
}

void want_exact_timers() { prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); }

}  // namespace firstbyte::wire
