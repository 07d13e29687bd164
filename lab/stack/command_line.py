"""The command line of lab/demo.py."""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from host.command_line import EXIT_FAILED, EXIT_NOT_HERE, EXIT_USAGE, split_command
from host.errors import CommandFailed, DemoError, NotHere, UsageError, sentence
from host.folder import VAR, DataFolder
from host.stop_signals import Interrupted, StopSignals
from stack import commands


def main(arguments: Sequence[str]) -> int:
    """Runs one command and returns the exit status."""
    own, command = split_command(arguments)
    options = parser().parse_args(own)
    signals = StopSignals()
    signals.install()
    try:
        if options.verb == "exec":
            if not command:
                raise UsageError("exec needs a command: demo.py exec --build-dir DIR -- CMD…")
            # Standard output belongs to the command.
            return commands.execute(
                options.build_dir, options.network, command, signals, Output(sys.stderr)
            )
        if command:
            raise UsageError(f"{options.verb} takes no command after --")
        if options.verb == "check":
            return commands.check(
                options.build_dir, options.network, options.kill, signals, Output(sys.stdout)
            )
        folder = DataFolder(options.data_dir)
        return commands.run(
            options.build_dir, options.network, folder, signals, Output(sys.stdout)
        )
    except Interrupted as stop:
        return 128 + stop.signum
    except (DemoError, OSError) as error:
        Output(sys.stderr)(f"demo: {sentence(error)}")
        return exit_status(error)


def exit_status(error: Exception) -> int:
    """The status that a failure ends us with."""
    if isinstance(error, CommandFailed):
        return error.status
    if isinstance(error, NotHere):
        return EXIT_NOT_HERE
    return EXIT_USAGE if isinstance(error, UsageError) else EXIT_FAILED


def parser() -> argparse.ArgumentParser:
    """The options of the three verbs."""
    top = argparse.ArgumentParser(prog="demo.py", description="The Firstbyte demo.")
    verbs = top.add_subparsers(dest="verb", required=True)

    run = verbs.add_parser("run", help="start everything and show the page until Ctrl-C")
    run.add_argument("--data-dir", type=Path, default=VAR / "demo", metavar="DIR")
    check = verbs.add_parser("check", help="run the whole story unattended")
    check.add_argument("--kill", metavar="CITY", help="kill this city's agent before the test")
    execute = verbs.add_parser(
        "exec", help="run a command beside the stack", usage="%(prog)s --build-dir DIR -- CMD…"
    )
    for verb in (run, check, execute):
        verb.add_argument("--build-dir", type=Path, required=True, metavar="DIR")
        verb.add_argument(
            "--network", choices=commands.PLACES, default=commands.AUTO, help="auto: lab if possible"
        )
    return top


class Output:
    """Prints lines at once; goes silent when nobody reads any more.

    A closed terminal or pipe must not keep us from stopping what we started.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that cannot show "São Paulo" shows "S?o Paulo".
            stream.reconfigure(errors="replace")

    def __call__(self, line: str) -> None:
        try:
            print(line, file=self._stream, flush=True)
        except OSError:
            # Also what Python itself flushes at exit goes nowhere now.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
