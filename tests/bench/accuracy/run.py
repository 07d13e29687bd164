#!/usr/bin/env python3
"""Runs a benchmark in namespaces of its own: run.py accuracy|probe-cost|growth [FLAG]...

Mounts, network and processes are this run's own: nothing on this machine is touched, and everything
that was started ends with it.
"""

import os
import signal
import sys
from pathlib import Path

# The tree stays clean: no __pycache__ beside the sources, which may also be read-only.
sys.dont_write_bytecode = True

HERE = Path(__file__).resolve()
INSIDE = "FIRSTBYTE_BENCH_INSIDE"
BENCHES = ("accuracy", "probe-cost", "growth")
UNSHARE = ["unshare", "--mount", "--net", "--pid", "--fork"]
UNSHARE += ["--kill-child=TERM", "--mount-proc"]


def run(name: str, arguments: list[str]) -> int:
    """The benchmark of that name."""
    sys.path[:0] = [str(HERE.parents[1]), str(HERE.parents[3] / "lab")]
    from accuracy import cost, growth, main

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    return {"accuracy": main, "probe-cost": cost, "growth": growth}[name].main(arguments)


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in BENCHES:
        sys.exit(__doc__)
    wants_help = "--help" in sys.argv or "-h" in sys.argv
    if INSIDE not in os.environ and not wants_help:
        if os.geteuid() != 0:
            sys.exit("this benchmark makes namespaces and records packets: it needs root")
        os.environ[INSIDE] = "1"
        os.execvp(UNSHARE[0], [*UNSHARE, sys.executable, "-B", str(HERE), *sys.argv[1:]])
    sys.exit(run(sys.argv[1], sys.argv[2:]))
