"""The collector and the agents as chaos sees them: killed, started again, and watched for ends of their own."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable

from chaos.disks import Disk
from chaos.plan import COLLECTOR
from host.processes import Child, Processes, ending
from stack.stack import Stack

# A supervisor waits for a moment before it starts again what ended by itself.
AGAIN_S = 1.0
# Who is told to end does so within the ten seconds that probes may take, and a pause may come in between.
STOP_LIMIT_S = 40.0

Say = Callable[[str], None]


class Services:
    """Starts what is killed again; an end that nobody caused is a complaint."""

    def __init__(
        self, stack: Stack, processes: Processes, disks: dict[str, Disk], say: Say
    ) -> None:
        self._complaints: Counter[str] = Counter()
        # Orderly ends of a start for which there was no room on the disk.
        self.gave_up: Counter[str] = Counter()
        self._stack = stack
        self._processes = processes
        self._disks = disks
        self._say = say
        self._cities = {city.slug: city for city in stack.network.topology.cities}
        self._back_at: dict[str, float] = {}
        # Who was told to end: until when, and how long it is away then.
        self._stopping: dict[str, tuple[float, float]] = {}
        for name in self.names:
            self.child(name).watched = False  # from here on that is ours

    @property
    def complaints(self) -> list[str]:
        """Who ended without being asked to, and who would not end; each once, however often."""
        return [
            what if times == 1 else f"{times} times: {what}"
            for what, times in self._complaints.items()
        ]

    @property
    def names(self) -> list[str]:
        """All of them, the collector first."""
        return [COLLECTOR, *self._cities]

    def child(self, name: str) -> Child:
        """The process, the last one that was started."""
        return self._stack.collector if name == COLLECTOR else self._stack.agents[name]

    def kill(self, name: str, down_s: float) -> bool:
        """kill -9, and back after so long; False when it was down."""
        child = self.child(name)
        if not child.running:
            return False
        self._processes.kill(child)
        self._stopping.pop(name, None)
        self._back_at[name] = time.monotonic() + down_s
        return True

    def stop(self, name: str, down_s: float) -> bool:
        """SIGTERM, and back so long after its end; False when it was down, or told to end already."""
        child = self.child(name)
        if not child.running or name in self._stopping:
            return False
        os.kill(child.pid, signal.SIGTERM)
        self._stopping[name] = time.monotonic() + STOP_LIMIT_S, down_s
        return True

    def pause(self, name: str) -> Child | None:
        """SIGSTOP; the process that was stopped."""
        child = self.child(name)
        if not child.running:
            return None
        os.kill(child.pid, signal.SIGSTOP)
        return child

    @staticmethod
    def resume(child: Child) -> None:
        """SIGCONT, if it lives."""
        if child.running:
            os.kill(child.pid, signal.SIGCONT)

    def look(self) -> None:
        """Starts again who is due, and notes who ended without being asked to."""
        now = time.monotonic()
        for name in self.names:
            if self.child(name).running:
                self._insist(name, now)
                continue
            if name in self._stopping:
                _, down_s = self._stopping.pop(name)
                self._back_at[name] = now + down_s
                if not self._ended_as_told(name):
                    self._note_end(name)
            elif name not in self._back_at:
                self._note_end(name)
                self._back_at[name] = now + AGAIN_S
            if now >= self._back_at[name]:
                del self._back_at[name]
                self._start(name)

    def _ended_as_told(self, name: str) -> bool:
        child = self.child(name)
        # Before its first word it may have no handler yet, or not even be our program.
        return child.status == 0 or (child.status == -signal.SIGTERM and not child.lines)

    def _insist(self, name: str, now: float) -> None:
        limit, down_s = self._stopping.get(name, (now, 0.0))
        if now > limit:
            self._complaints[f"{name} did not end within {STOP_LIMIT_S:.0f} s of SIGTERM"] += 1
            self.kill(name, down_s)

    @property
    def all_run(self) -> bool:
        """Whether nobody is down, or on its way there."""
        return not self._stopping and all(self.child(name).running for name in self.names)

    def _start(self, name: str) -> None:
        if name == COLLECTOR:
            self._stack.start_collector()
        else:
            self._stack.start_agent(self._cities[name])

    def _note_end(self, name: str) -> None:
        child = self.child(name)
        sentence = f"{child.name} (process {child.pid}) {ending(child)}"
        assert child.status is not None
        if child.status > 0 and self._disks[name].is_full:
            self.gave_up[name] += 1
            self._say(f"{sentence}, its disk being full{child.last_words()}")
            return
        self._complaints[f"{child.name} {ending(child)}{child.last_words()}"] += 1
        self._say(f"UNEXPECTED: {sentence}{child.log_tail()}")
