"""What processes cost in memory."""

import contextlib
import os
import re
from collections.abc import Iterable
from pathlib import Path

PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


def same_pid_namespace() -> list[int]:
    """The processes that share our process id namespace, as /proc numbers them."""
    ours = os.readlink("/proc/self/ns/pid")
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if os.readlink(entry / "ns/pid") == ours:
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
