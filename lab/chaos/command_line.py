"""The command line of lab/chaos.py."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from anycast.launch import obstacle
from chaos.disks import enter_own_mounts
from chaos.run import Wanted, run
from host.command_line import EXIT_FAILED, EXIT_NOT_HERE, EXIT_USAGE
from host.errors import DemoError, NotHere, UsageError, sentence
from host.stop_signals import Interrupted, StopSignals
from stack.command_line import Output

MOST_MINUTES = 24 * 60.0


def main(arguments: Sequence[str]) -> int:
    """Runs it and returns the exit status: 0 only if everything held."""
    options = parser().parse_args(arguments)
    signals = StopSignals()
    try:
        if not 0.1 <= options.minutes <= MOST_MINUTES:
            raise UsageError(f"--minutes {options.minutes:g} is not between 0.1 and {MOST_MINUTES:g}")
        if reason := obstacle():
            raise NotHere(f"the lab cannot run here: {reason}")
        enter_own_mounts(arguments)
        signals.install()
        say = Output(sys.stdout)
        outcome = run(Wanted(options.build_dir, options.minutes, options.seed), signals, say)
        if options.json:
            text = json.dumps(outcome.document(), indent=1) + "\n"
            options.json.write_text(text, encoding="utf-8")
        return 0 if outcome.holds else EXIT_FAILED
    except Interrupted as stop:
        return 128 + stop.signum
    except (DemoError, OSError) as error:
        Output(sys.stderr)(f"chaos: {sentence(error)}")
        if isinstance(error, NotHere):
            return EXIT_NOT_HERE
        return EXIT_USAGE if isinstance(error, UsageError) else EXIT_FAILED


def parser() -> argparse.ArgumentParser:
    """The options."""
    top = argparse.ArgumentParser(
        prog="chaos.py",
        description="Random faults in the lab with fourteen agents, then the accounting: each sequence"
        " number is stored once, or named in one gap.",
    )
    top.add_argument("--build-dir", type=Path, required=True, metavar="DIR")
    top.add_argument("--minutes", type=float, default=1.0, metavar="N", help="of faults (default: 1)")
    top.add_argument("--seed", type=int, default=1, metavar="S", help="which faults (default: 1)")
    top.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    return top
