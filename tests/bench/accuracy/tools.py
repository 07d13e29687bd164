"""What every tool that is measured has in common."""

import contextlib
import os
import re
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from host.errors import DemoError

from accuracy.results import Definitions, Result
from accuracy.world import World

READY_LIMIT_S = 20.0
POLL_S = 0.02


@dataclass(frozen=True)
class Load:
    """How URLs are offered: so many a second (0: as fast as they finish), so many in flight."""

    rate: float
    cap: int
    realtime: bool = False


class Tool(Protocol):
    """A prober. `definitions` say what it means by each of its numbers."""

    name: str
    definitions: Definitions

    def running(self, world: World, load: Load) -> contextlib.AbstractContextManager["Session"]:
        """Inside, it is warm."""


class Session(Protocol):
    """A tool that is ready to probe; the two figures are there once it has."""

    elapsed_s: float
    peak_rss_mb: float | None

    def probe(self, urls: Sequence[str]) -> list[Result]:
        """All of them; once per session."""

    def processor_s(self) -> float:
        """Processor time of the tool so far, seconds."""


def clean_environment() -> dict[str, str]:
    """Nothing of ours that a TLS library or a resolver would take to heart."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"}


def processor_s(pid: int) -> float:
    """Seconds that the living threads of a process have run, from the scheduler's own account."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError):
            total += int((task / "schedstat").read_text(encoding="ascii").split()[0])
    return total / 1e9


def peak_rss_mb(pid: int) -> float | None:
    """The most memory that a process had resident so far; None when it has ended."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        if found := re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE):
            return int(found[1]) / 1000 * 1.024
    return None


def wait_until(is_ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    """Waits for a tool; raises with the end of its log."""
    deadline = time.monotonic() + READY_LIMIT_S
    while not is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            end = log.read_text(encoding="utf-8", errors="replace")[-500:]
            raise DemoError(f"{process.args} is not ready: {end}")
        time.sleep(POLL_S)
