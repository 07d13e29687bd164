"""Lets the planned faults strike, and lifts them."""

import heapq
import itertools
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from anycast.network import AnycastNetwork, labctl
from chaos.clocks import AgentClock
from chaos.disks import Disk
from chaos.ledgers import SPOOL, STORE
from chaos.plan import (
    ARRIVING,
    AT_ONCE,
    CLOCK,
    COLLECTOR,
    CUT,
    FULL_DISK,
    KILL,
    LOSS,
    PAUSE,
    RESTART,
    UNROUTED,
    Fault,
)
from chaos.services import Services
from host.errors import DemoError
from host.programs import installed

# How long a kill waits for its moment; and how long nothing but that is looked at, since the moment is
# microseconds long.
MOMENT_LIMIT_S = 3.0
SPIN_S = 0.03
# Before every other rule: whatever is sent gets "no route to host" at once.
RULE = ["rule", "{verb}", "pref", "1", "unreachable"]

Undo = Callable[[], None]
Record = Callable[[str, Fault], None]


def nothing() -> None:
    """What there is to undo of a fault that found nobody to strike."""


@dataclass
class Armed:
    """A kill that waits for its moment: until what it looks at changes."""

    fault: Fault
    look: Callable[[], object]
    before: object
    deadline: float

    @property
    def has_come(self) -> bool:
        """Whether this is the moment."""
        return self.look() != self.before


class Faults:
    """Strikes and lifts. `record` is told of each begin and end."""

    def __init__(
        self,
        network: AnycastNetwork,
        services: Services,
        disks: dict[str, Disk],
        clocks: dict[str, AgentClock],
        record: Record,
    ) -> None:
        self.struck: Counter[str] = Counter()
        self._network = network
        self._services = services
        self._disks = disks
        self._clocks = clocks
        self._record = record
        self._planned: list[tuple[float, int, Fault]] = []
        self._active: list[tuple[float, int, Fault, Undo]] = []
        self._armed: list[Armed] = []
        self._numbers = itertools.count()
        self._strikes: dict[str, Callable[[Fault], Undo | None]] = {
            RESTART: self._restart,
            PAUSE: self._pause,
            CUT: self._cut,
            LOSS: self._lose,
            UNROUTED: self._unroute,
            FULL_DISK: self._fill,
            CLOCK: self._step,
        }

    def begin(self, faults: Sequence[Fault]) -> None:
        """Their times count from now."""
        start = time.monotonic()
        for fault in faults:
            heapq.heappush(self._planned, (start + fault.at_s, next(self._numbers), fault))

    @property
    def are_over(self) -> bool:
        """Whether none is left, planned or under way."""
        return not self._planned and not self._active and not self._armed

    def look(self) -> None:
        """Does what is due."""
        now = time.monotonic()
        while self._active and self._active[0][0] <= now:
            self._lift(heapq.heappop(self._active))
        while self._planned and self._planned[0][0] <= now:
            self._strike(heapq.heappop(self._planned)[2])
        for disk in self._disks.values():
            disk.top_up()
        if self._armed:
            self._spin(now + SPIN_S)

    def lift_all(self) -> None:
        """Ends what is under way; what has not begun never does."""
        self._planned, self._armed = [], []
        while self._active:
            self._lift(heapq.heappop(self._active))

    def _strike(self, fault: Fault) -> None:
        if fault.kind.name == KILL:
            self._arm(fault)
            return
        undo = self._strikes[fault.kind.name](fault)
        if undo is None:
            self._record("missed", fault)
            return
        self._note_begin(fault, undo)

    def _note_begin(self, fault: Fault, undo: Undo) -> None:
        self.struck[fault.kind.title] += 1
        self._record("begin", fault)
        ends = time.monotonic() + fault.length_s
        heapq.heappush(self._active, (ends, next(self._numbers), fault, undo))

    def _lift(self, entry: tuple[float, int, Fault, Undo]) -> None:
        _, _, fault, undo = entry
        undo()
        self._record("end", fault)

    # ------------------------------------------------------------------------------------- kills

    def _arm(self, fault: Fault) -> None:
        look = self._watch(fault)
        deadline = time.monotonic() + (0 if fault.moment == AT_ONCE else MOMENT_LIMIT_S)
        self._armed.append(Armed(fault, look, look(), deadline))

    def _watch(self, fault: Fault) -> Callable[[], object]:
        name = fault.target
        if fault.moment == ARRIVING:
            pid = self._services.child(name).pid
            return lambda: received_packets(pid)
        file = STORE if name == COLLECTOR else SPOOL
        log = self._disks[name].folder / f"{file}-wal"
        return lambda: change_of(log)

    def _spin(self, until: float) -> None:
        while self._armed and time.monotonic() < until:
            for armed in list(self._armed):
                if armed.has_come or time.monotonic() >= armed.deadline:
                    self._armed.remove(armed)
                    self._kill(armed.fault)

    def _kill(self, fault: Fault) -> None:
        if self._services.kill(fault.target, fault.length_s):
            self._note_begin(fault, nothing)
        else:
            self._record("missed", fault)

    # ------------------------------------------------------------------------------------ others

    def _restart(self, fault: Fault) -> Undo | None:
        return nothing if self._services.stop(fault.target, fault.length_s) else None

    def _pause(self, fault: Fault) -> Undo | None:
        child = self._services.pause(fault.target)
        return None if child is None else lambda: self._services.resume(child)

    def _place(self, fault: Fault) -> str:
        return self._network.topology.collector.slug if fault.target == COLLECTOR else fault.target

    def _link(self, place: str, loss_percent: float) -> None:
        self._network.state.request("link", a=place, b="access", loss_percent=loss_percent)

    def _cut(self, fault: Fault) -> Undo:
        return self._lose(fault, percent=100.0)

    def _lose(self, fault: Fault, percent: float | None = None) -> Undo:
        place = self._place(fault)
        # A cut and a loss may overlap: then the one that began last counts, and both are gone when it ends.
        self._link(place, fault.amount if percent is None else percent)
        return lambda: self._link(place, 0.0)

    def _unroute(self, fault: Fault) -> Undo:
        self._rule(fault.target, "add")
        return lambda: self._rule(fault.target, "del")

    def _rule(self, place: str, verb: str) -> None:
        words = [word.format(verb=verb) for word in RULE]
        inside = [*labctl("enter"), str(self._network.state.root), place, installed("ip")]
        for family in ("-4", "-6"):
            done = subprocess.run([*inside, family, *words], capture_output=True, check=False)
            if done.returncode != 0:
                raise DemoError(f"ip {' '.join(words)} failed in {place}: {done.stderr!r}")

    def _fill(self, fault: Fault) -> Undo:
        disk = self._disks[fault.target]
        disk.fill(int(fault.amount))
        return disk.free

    def _step(self, fault: Fault) -> Undo:
        clock = self._clocks[fault.target]
        clock.set(fault.amount)
        return lambda: clock.set(0.0)


def change_of(file: Path) -> tuple[int, int]:
    """Differs once somebody has written to the file."""
    try:
        state = file.stat()
    except FileNotFoundError:
        return (0, 0)
    return (state.st_mtime_ns, state.st_size)


def received_packets(pid: int) -> int:
    """How many packets have come to the network that a process stands in."""
    try:
        lines = Path(f"/proc/{pid}/net/dev").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[2]) for line in lines if line.strip().startswith("wan:"))
