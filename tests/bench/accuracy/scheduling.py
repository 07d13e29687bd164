"""Who runs where: servers, driver and recorder on the first core in the real-time class, probers on
the second at normal priority."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from signal import SIGKILL

from host.kernel import die_with_parent
from host.programs import installed

SERVER_CORE, PROBER_CORE = 0, 1
REALTIME_PRIORITY = 1
SPIN = ["sh", "-c", "while :; do :; done"]


def served(command: Sequence[str]) -> list[str]:
    """A command that belongs to the bench itself."""
    return [
        *(installed("taskset"), "-c", str(SERVER_CORE)),
        *(installed("chrt"), "--rr", str(REALTIME_PRIORITY)),
        *command,
    ]


def probing(command: Sequence[str], realtime: bool) -> list[str]:
    """A command that is measured."""
    words = [installed("taskset"), "-c", str(PROBER_CORE)]
    if realtime:
        words += [installed("chrt"), "--rr", str(REALTIME_PRIORITY)]
    return [*words, *command]


@contextmanager
def driving() -> Iterator[None]:
    """Inside, this process is one of the bench's; what it starts is not."""
    affinity = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {SERVER_CORE})
    policy = os.SCHED_RR | os.SCHED_RESET_ON_FORK
    os.sched_setscheduler(0, policy, os.sched_param(REALTIME_PRIORITY))
    try:
        yield
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        os.sched_setaffinity(0, affinity)


@contextmanager
def busy(loops_per_core: int) -> Iterator[None]:
    """Inside, both cores are kept busy by that many endless loops of normal priority each."""
    with ExitStack() as stack:
        for core in (SERVER_CORE, PROBER_CORE):
            for _ in range(loops_per_core):
                loop = subprocess.Popen(
                    [installed("taskset"), "-c", str(core), *SPIN],
                    preexec_fn=die_with_parent(SIGKILL),
                )
                stack.callback(loop.wait)
                stack.callback(loop.kill)
        yield
