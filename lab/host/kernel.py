"""What Linux is asked directly: die with the parent, and who is left of a session."""

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


def survivors(sessions: Collection[int]) -> list[str]:
    """The living processes of these sessions, as `name (pid)`; zombies are no longer alive."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue  # it ended while we were looking
        name = stat[stat.index("(") + 1 : stat.rindex(")")]
        state, _parent, _group, session = stat[stat.rindex(")") + 2 :].split()[:4]
        if int(session) in sessions and state not in "ZX":
            found.append(f"{name} ({entry.name})")
    return sorted(found)
