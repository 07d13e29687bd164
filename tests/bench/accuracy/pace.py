"""Starts work at a given rate, whatever becomes of the work, as a crowd of users would."""

import time
from collections.abc import Sequence
from typing import Protocol

LONGEST_POLL_S = 0.1


class Workers(Protocol):
    """What does the work, one job each."""

    @property
    def in_flight(self) -> int:
        """How many jobs are not finished."""

    def start(self, job: str) -> None:
        """Begins one."""

    def poll(self, timeout_s: float) -> None:
        """Takes in what has finished; waits at most so long for something to finish."""


def offer(jobs: Sequence[str], rate: float, cap: int, workers: Workers) -> float:
    """Starts job i at i/rate, later while `cap` are in flight; gives seconds until all are done.

    A rate of 0 is as fast as they finish.
    """
    began = time.monotonic()
    for number, job in enumerate(jobs):
        due = began + (number / rate if rate else 0.0)
        while True:
            left = due - time.monotonic()
            if left <= 0 and workers.in_flight < cap:
                break
            workers.poll(min(left, LONGEST_POLL_S) if left > 0 else LONGEST_POLL_S)
        workers.start(job)
        workers.poll(0)
    while workers.in_flight:
        workers.poll(LONGEST_POLL_S)
    return time.monotonic() - began
