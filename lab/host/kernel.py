"""What Linux is asked directly: die with the parent, when a process began, who is left of a session."""

import ctypes
import os
from collections.abc import Callable, Collection
from pathlib import Path

PR_SET_PDEATHSIG = 1

# Looked up before any fork: between fork and exec nothing should be loaded.
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(signum: int, parent: int | None = None) -> Callable[[], None]:
    """A function for the child to run before exec: the kernel then sends it `signum` when its
    parent dies, which is us unless another one is given.

    This also covers a death by SIGKILL, where no code of ours runs any more.
    """
    parent = os.getpid() if parent is None else parent

    def arm() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, signum, 0, 0, 0)
        # We may have died before the line above; then no signal would ever come.
        if os.getppid() != parent:
            os._exit(1)

    return arm


def process_stat(pid: int | str) -> tuple[str, list[str]] | None:
    """A process's name and the fields of /proc/PID/stat behind it, the state first; None without
    such a process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The name stands in brackets and may hold any character, brackets too.
    name_end = stat.rindex(")")
    return stat[stat.index("(") + 1 : name_end], stat[name_end + 2 :].split()


def start_time(pid: int) -> int | None:
    """When a living process began, in the kernel's ticks; with its number that names it for ever.

    A zombie lives no more.
    """
    stat = process_stat(pid)
    if stat is None or stat[1][0] in "ZX":
        return None
    return int(stat[1][19])


def survivors(sessions: Collection[int]) -> list[str]:
    """The living processes of these sessions, as `name (pid)`; zombies are no longer alive."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or (stat := process_stat(entry.name)) is None:
            continue
        name, (state, _parent, _group, session, *_) = stat
        if int(session) in sessions and state not in "ZX":
            found.append(f"{name} ({entry.name})")
    return sorted(found)
