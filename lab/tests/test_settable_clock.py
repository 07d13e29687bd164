import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from chaos.clocks import AgentClock

# CTest names the folder; without a build there is nothing to try.
PROGRAMS = os.environ.get("FIRSTBYTE_LAB_PROGRAMS")

# Waits as Abseil's mutexes do: by a futex until a point in wall time. Prints how it ended, and after how long
# by the monotonic clock.
WAIT = """
import ctypes, struct, sys, time
libc = ctypes.CDLL(None, use_errno=True)
until = time.time() + float(sys.argv[1])
timeout = struct.pack("=qq", int(until), int(until % 1 * 1e9))
began = time.monotonic()
print("waiting", flush=True)
WAIT_BITSET_BY_THE_WALL_CLOCK, ALL = 9 | 128 | 256, -1
word = ctypes.c_uint(0)
libc.syscall(*map(ctypes.c_long, (202, ctypes.addressof(word), WAIT_BITSET_BY_THE_WALL_CLOCK, 0)),
             timeout, None, ctypes.c_long(ALL))
print(ctypes.get_errno(), time.monotonic() - began)
"""
TIMED_OUT = 110


@unittest.skipUnless(PROGRAMS, "FIRSTBYTE_LAB_PROGRAMS is not set")
class ASettableClock(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        assert PROGRAMS
        self.clock = AgentClock(Path(PROGRAMS).parent, Path(folder.name, "clock"))

    def start(self, script: str, *words: str) -> subprocess.Popen[str]:
        child = subprocess.Popen(
            [sys.executable, "-c", script, *words],
            env={**os.environ, **self.clock.environment},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout
        self.addCleanup(child.stdout.close)
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        return child

    def waited(self, child: subprocess.Popen[str]) -> float:
        """For how long, of a wait that its deadline ended."""
        assert child.stdout
        ended, took = child.stdout.readline().split()
        self.assertEqual(int(ended), TIMED_OUT)
        return float(took)

    def test_has_no_guard_whose_waiting_would_call_it_again(self) -> None:
        # Regression: two threads that called it first at the same time ended by a stack overflow.
        assert PROGRAMS
        self.assertNotIn(b"__cxa_guard_acquire", Path(PROGRAMS, "firstbyte-clock.so").read_bytes())

    def test_is_what_the_process_takes_for_the_time(self) -> None:
        self.clock.set(-3600.5)
        out, _ = self.start("import time; print(time.time())").communicate()
        self.assertAlmostEqual(float(out), time.time() - 3600.5, delta=5)
        shown = subprocess.run(
            ["date", "+%s"], env=self.clock.environment, capture_output=True, check=True
        )
        self.assertAlmostEqual(float(shown.stdout), time.time() - 3600.5, delta=5)

    def test_is_set_while_the_process_runs(self) -> None:
        child = self.start("import time\nwhile True: print(time.time(), flush=True); time.sleep(0.1)")
        assert child.stdout
        self.assertAlmostEqual(float(child.stdout.readline()), time.time(), delta=5)
        self.clock.set(86_400)
        behind = 86_400 - 60 + time.time()
        deadline = time.monotonic() + 10
        while float(child.stdout.readline()) < behind:
            self.assertLess(time.monotonic(), deadline)

    def test_a_wait_for_a_point_in_wall_time_goes_by_it(self) -> None:
        self.clock.set(3600)
        child = self.start(WAIT, "0.2")
        assert child.stdout
        child.stdout.readline()
        self.assertGreaterEqual(self.waited(child), 0.199)

    def test_a_wait_ends_when_the_clock_is_set_past_it(self) -> None:
        child = self.start(WAIT, "3600")
        assert child.stdout
        child.stdout.readline()
        self.clock.set(3700)
        self.assertLess(self.waited(child), 60)

    def test_a_wait_grows_longer_when_the_clock_is_set_back(self) -> None:
        child = self.start(WAIT, "0.5")
        assert child.stdout
        child.stdout.readline()
        self.clock.set(-0.5)
        self.assertGreaterEqual(self.waited(child), 0.99)
