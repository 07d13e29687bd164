"""What processes cost: memory and processor time."""

import contextlib
import os
import re
from collections.abc import Iterable
from pathlib import Path

from host.kernel import process_stat

PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def namespace_members(pid: int | str = "self") -> list[int]:
    """The processes in a process's process id namespace, as /proc numbers them."""
    wanted = os.readlink(f"/proc/{pid}/ns/pid")
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if os.readlink(entry / "ns/pid") == wanted:
                    found.append(int(entry.name))
    return found


def proportional_mb(pids: Iterable[int]) -> float:
    """Their proportional set size in 10^6 bytes: each shared page counted once, split evenly."""
    total_kb = 0
    for pid in pids:
        with contextlib.suppress(OSError):  # it ended while we were looking
            text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
            if found := PSS.search(text):
                total_kb += int(found[1])
    return total_kb * 1024 / 1e6


def processor_s(pids: Iterable[int]) -> float:
    """The processor time they have used, in user space and in the kernel."""
    ticks = 0
    for pid in pids:
        if stat := process_stat(pid):
            ticks += int(stat[1][11]) + int(stat[1][12])
    return ticks / TICKS_PER_S
