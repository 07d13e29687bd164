import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from collections.abc import Callable
from pathlib import Path

from host.errors import DemoError
from host.kernel import survivors
from host.processes import Child, Processes, Waiting
from host.stop_signals import StopSignals

LAB = Path(__file__).resolve().parents[1]
SLEEP_WITH_A_CHILD = "sleep 60 & echo up; wait"


class ChildProcesses(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.log = Path(folder.name) / "child.log"
        self.ended: list[Child] = []
        self.processes = Processes(StopSignals(), self.ended.append)
        self.addCleanup(lambda: self.processes.stop(self.processes.running))

    def start(self, script: str) -> Child:
        child = self.processes.start("child", ["sh", "-c", script], self.log)
        waiting = Waiting(child, lambda: "up" in child.lines)
        self.processes.wait_ready([waiting], time.monotonic() + 5, 5)
        return child

    # Regression: a request served while another one waited for a process closed pipes that were
    # about to be read, and the lab was gone.
    def test_nobody_else_is_served_while_a_child_is_killed(self) -> None:
        child = self.start("echo up; sleep 60")
        ours, theirs = socket.socketpair()
        self.addCleanup(ours.close)
        self.addCleanup(theirs.close)
        served: list[bytes] = []
        self.processes.watch(ours, lambda: served.append(ours.recv(1)))
        theirs.send(b"x")
        self.processes.kill(child)
        self.assertEqual(served, [])
        self.processes.pump(1)
        self.assertEqual(served, [b"x"])

    def test_a_stopped_child_leaves_nothing_of_its_own_behind(self) -> None:
        self.start(SLEEP_WITH_A_CHILD)
        self.assertEqual(len(self.processes.left_over()), 2)
        self.assertEqual(self.processes.stop(self.processes.running), [])
        self.assertEqual(self.eventually(self.processes.left_over), [])

    def test_a_killed_child_leaves_nothing_of_its_own_behind(self) -> None:
        self.processes.kill(self.start(SLEEP_WITH_A_CHILD))
        self.assertEqual(self.eventually(self.processes.left_over), [])

    def test_an_unexpected_end_is_reported(self) -> None:
        child = self.start("trap 'exit 3' USR1; echo up; while :; do sleep 0.02; done")
        os.kill(child.pid, signal.SIGUSR1)
        while child.running:
            self.processes.pump(0.02)
        self.assertEqual([(c.name, c.status) for c in self.ended], [("child", 3)])

    def test_an_end_we_asked_for_is_not_reported(self) -> None:
        self.processes.kill(self.start(SLEEP_WITH_A_CHILD))
        self.assertEqual(self.ended, [])

    def test_a_child_that_fails_when_asked_to_stop_is_reported(self) -> None:
        child = self.start("trap 'exit 4' TERM; echo up; while :; do sleep 0.02; done")
        (complaint,) = self.processes.stop([child])
        self.assertIn("child exited with status 4 when it was asked to stop", complaint)

    def test_a_child_that_ends_before_it_is_ready_is_given_with_its_own_words(self) -> None:
        with self.assertRaisesRegex(DemoError, "(?s)child exited with status 2.*port in use"):
            self.start("echo port in use >&2; exit 2")

    def test_children_die_even_when_we_are_killed(self) -> None:
        program = (
            "import sys, time; from pathlib import Path\n"
            "from host.processes import Processes\n"
            "from host.stop_signals import StopSignals\n"
            "child = Processes(StopSignals(), print).start("
            f"'child', ['sleep', '60'], Path({str(self.log)!r}))\n"
            "print(child.pid, flush=True); time.sleep(60)\n"
        )
        parent = subprocess.Popen(
            [sys.executable, "-B", "-c", program], cwd=LAB, stdout=subprocess.PIPE
        )
        assert parent.stdout is not None
        with parent.stdout:
            pid = int(parent.stdout.readline())
        self.assertEqual(len(survivors({pid})), 1)
        parent.kill()
        parent.wait()
        self.assertEqual(self.eventually(lambda: survivors({pid})), [])

    def eventually(self, who_is_left: Callable[[], list[str]]) -> list[str]:
        """Who is left after a moment: a kill is sent at once, but takes effect a little later."""
        deadline = time.monotonic() + 5
        while who_is_left() and time.monotonic() < deadline:
            os.sched_yield()
        return who_is_left()


class Stops(unittest.TestCase):
    def test_a_signal_is_delivered_once(self) -> None:
        signals = StopSignals()
        signals._note(signal.SIGINT, None)
        with self.assertRaisesRegex(Exception, "stopped by SIGINT"):
            signals.check()
        signals._note(signal.SIGINT, None)
        signals.check()
