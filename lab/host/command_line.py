"""What the command lines of the lab and of the demo have in common."""

from collections.abc import Sequence

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_NOT_HERE = 77  # as test runners know it: skipped
EXIT_INTERRUPTED = 130  # as a shell reports Ctrl-C


def split_command(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Our own arguments, and those behind the first `--`.

    Cut by hand, because argparse's own treatment of it differs between Python versions.
    """
    if "--" not in arguments:
        return list(arguments), []
    cut = arguments.index("--")
    return list(arguments[:cut]), list(arguments[cut + 1 :])
