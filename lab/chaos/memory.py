"""The most memory that each process ever used."""

import contextlib
import re
import time
from pathlib import Path

from chaos.plan import COLLECTOR
from chaos.services import Services

OURS = "Name:\tfirstbyte-"
PEAK = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)

EVERY_S = 0.5

# Several times what each needs in quiet: an agent some 15 MB, the collector some 30.
BOUNDS_MB = {"agent": 64.0, COLLECTOR: 256.0}


class Peaks:
    """Looked at often enough that a process which is killed has been seen shortly before."""

    def __init__(self, services: Services) -> None:
        self.mb: dict[str, float] = {}
        self._services = services
        self._due = 0.0

    def look(self) -> None:
        """Takes note of every process that runs, twice a second."""
        now = time.monotonic()
        if now < self._due:
            return
        self._due = now + EVERY_S
        for name in self._services.names:
            child = self._services.child(name)
            if child.running:
                self.mb[name] = max(self.mb.get(name, 0.0), resident_peak_mb(child.pid))

    @property
    def highest(self) -> dict[str, float]:
        """Of the agents the highest of all, and the collector's."""
        agents = [mb for name, mb in self.mb.items() if name != COLLECTOR]
        return {"agent": max(agents, default=0.0), COLLECTOR: self.mb.get(COLLECTOR, 0.0)}

    @property
    def complaints(self) -> list[str]:
        """Who went past the bound."""
        return [
            f"{name}: {mb:.1f} MB resident at the most, expected up to {bound(name):.0f}"
            for name, mb in self.mb.items()
            if mb > bound(name)
        ]


def bound(name: str) -> float:
    """What a process may use."""
    return BOUNDS_MB[COLLECTOR if name == COLLECTOR else "agent"]


def resident_peak_mb(pid: int) -> float:
    """Its highest resident set so far, in 10^6 bytes; 0 when it is gone, or is not yet our program but
    Python on its way into the lab."""
    with contextlib.suppress(OSError):
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        if status.startswith(OURS) and (found := PEAK.search(status)):
            return int(found[1]) * 1024 / 1e6
    return 0.0
