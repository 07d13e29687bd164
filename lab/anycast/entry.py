"""Becoming a process inside a lab. Loads little, because fourteen agents start this way."""

import os
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path

from anycast.namespaces import enter_holder, enter_network
from anycast.state import StateFolder
from host.kernel import die_with_parent

LISTEN_FDS_START = 3


def enter(arguments: Sequence[str]) -> None:
    """`enter STATE_DIR NODE CMD…`: becomes CMD in a node's network, and dies with who started it.

    Entering a user namespace disarms the signal that comes with the parent's death, so it is armed
    here anew.
    """
    state_dir, node, *command = arguments
    state = StateFolder(Path(state_dir))
    arm = die_with_parent(signal.SIGKILL, parent=os.getppid())
    holder = state.holder
    if holder is None:
        raise SystemExit("the lab is gone")
    enter_holder(holder)
    enter_network(state.inside / "namespaces" / node)
    arm()
    become(command)


def inherit(arguments: Sequence[str]) -> None:
    """`inherit FD CMD…`: becomes CMD with the listening socket FD, in systemd's way."""
    descriptor, *command = arguments
    os.dup2(int(descriptor), LISTEN_FDS_START)
    # Its own number, which stays the same across exec.
    os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
    become(command)


def become(command: Sequence[str]) -> None:
    """exec, by absolute path or by PATH."""
    program = shutil.which(command[0]) or command[0]
    os.execv(program, list(command))
