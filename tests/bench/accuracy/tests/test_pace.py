"""Starting work at a rate."""

import unittest
from unittest import mock

from accuracy import pace


class Worker:
    """Jobs take a known time on a clock that only polling moves."""

    def __init__(self, takes_s: float) -> None:
        self.now = 0.0
        self.started: list[float] = []
        self._takes_s = takes_s
        self._ends: list[float] = []

    @property
    def in_flight(self) -> int:
        """Not finished."""
        return len(self._ends)

    def start(self, _job: str) -> None:
        """Begins one."""
        self.started.append(round(self.now, 3))
        self._ends.append(self.now + self._takes_s)

    def poll(self, timeout_s: float) -> None:
        """Moves the clock to the next end, or by the timeout."""
        self.now = min([self.now + timeout_s, *self._ends])
        self._ends = [end for end in self._ends if end > self.now]


def starts(takes_s: float, rate: float, cap: int) -> list[float]:
    """When four jobs start."""
    worker = Worker(takes_s)
    with mock.patch.object(pace.time, "monotonic", lambda: worker.now):
        pace.offer(["job"] * 4, rate, cap, worker)
    return worker.started


class OfferTest(unittest.TestCase):
    """When jobs start."""

    def test_at_the_rate_whatever_becomes_of_them(self) -> None:
        self.assertEqual(starts(takes_s=10, rate=2, cap=9), [0, 0.5, 1, 1.5])

    def test_a_full_house_delays_a_start_but_not_the_slots_after_it(self) -> None:
        self.assertEqual(starts(takes_s=1.2, rate=1, cap=1), [0, 1.2, 2.4, 3.6])

    def test_without_a_rate_as_soon_as_there_is_room(self) -> None:
        self.assertEqual(starts(takes_s=1, rate=0, cap=2), [0, 0, 1, 1])


if __name__ == "__main__":
    unittest.main()
