import signal
import tempfile
import time
import unittest
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from chaos.plan import COLLECTOR
from chaos.services import Services
from host.processes import Processes
from host.stop_signals import StopSignals

OBEYS = "trap 'exit 0' TERM; echo up; while :; do sleep 0.01; done"


class SmallStack:
    """A collector and one agent that are shells."""

    def __init__(self, processes: Processes, folder: Path) -> None:
        self.network = SimpleNamespace(
            topology=SimpleNamespace(cities=[SimpleNamespace(slug="tokyo")])
        )
        self._processes = processes
        self._folder = folder
        self.script = OBEYS
        self.agents: dict[str, Any] = {}
        self.start_collector()
        self.start_agent(None)

    def start_collector(self) -> None:
        self.collector = self._start(COLLECTOR)

    def start_agent(self, _city: object) -> None:
        self.agents["tokyo"] = self._start("agent-tokyo")

    def _start(self, name: str) -> Any:
        return self._processes.start(name, ["sh", "-c", self.script], self._folder / f"{name}.log")


class ServicesUnderChaos(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.processes = Processes(StopSignals(), lambda _child: None)
        self.addCleanup(lambda: self.processes.stop(self.processes.running))
        self.stack = SmallStack(self.processes, Path(folder.name))
        self.disks = {name: SimpleNamespace(is_full=False) for name in (COLLECTOR, "tokyo")}
        self.services = Services(
            *(self.stack, self.processes, self.disks),  # type: ignore[arg-type]
            lambda _line: None,
        )
        self.look_until(lambda: bool(self.services.child("tokyo").lines))

    def look_until(self, holds: Any) -> None:
        deadline = time.monotonic() + 10
        while not holds():
            self.assertLess(time.monotonic(), deadline)
            self.processes.pump(0.01)
            self.services.look()

    def comes_back(self, name: str, before: int) -> None:
        self.look_until(lambda: self.services.all_run and self.services.child(name).pid != before)

    def test_who_is_killed_comes_back_without_a_complaint(self) -> None:
        for name in self.services.names:
            before = self.services.child(name).pid
            self.assertTrue(self.services.kill(name, 0.05))
            self.assertFalse(self.services.kill(name, 0.05))
            self.comes_back(name, before)
        self.assertEqual(self.services.complaints, [])

    def test_who_is_told_to_end_comes_back_without_a_complaint(self) -> None:
        before = self.services.child("tokyo").pid
        self.assertTrue(self.services.stop("tokyo", 0.05))
        self.assertFalse(self.services.stop("tokyo", 0.05))
        self.assertFalse(self.services.all_run)
        self.comes_back("tokyo", before)
        self.assertEqual(self.services.complaints, [])

    def test_who_is_killed_while_paused_comes_back(self) -> None:
        child = self.services.pause("tokyo")
        assert child
        self.services.kill("tokyo", 0)
        self.comes_back("tokyo", child.pid)
        self.services.resume(child)
        self.assertTrue(self.services.all_run)

    def test_an_end_that_nobody_caused_is_a_complaint(self) -> None:
        child = self.services.child("tokyo")
        child.popen.send_signal(signal.SIGABRT)
        self.comes_back("tokyo", child.pid)
        (complaint,) = self.services.complaints
        self.assertIn("agent-tokyo", complaint)
        self.assertIn("SIGABRT", complaint)

    def test_giving_up_on_a_full_disk_is_counted_and_a_crash_there_is_not_excused(self) -> None:
        self.disks["tokyo"].is_full = True
        self.stack.script = "exit 1"
        self.services.kill("tokyo", 0)
        self.look_until(lambda: self.services.gave_up["tokyo"] > 0)
        self.assertEqual(self.services.complaints, [])
        self.stack.script = "kill -SEGV $$"
        self.look_until(lambda: self.services.complaints)
        self.assertIn("SIGSEGV", self.services.complaints[0])

    def test_an_end_with_a_failure_after_sigterm_is_a_complaint(self) -> None:
        self.stack.script = "trap 'exit 3' TERM; echo up; while :; do sleep 0.01; done"
        before = self.services.child("tokyo").pid
        self.services.kill("tokyo", 0)
        self.comes_back("tokyo", before)
        self.look_until(lambda: bool(self.services.child("tokyo").lines))
        self.services.stop("tokyo", 0)
        self.look_until(lambda: self.services.complaints)
        self.assertIn("exited with status 3", self.services.complaints[0])
