"""Where a run keeps its files."""

import tempfile

from host.folder import VAR


def working_folder() -> "tempfile.TemporaryDirectory[str]":
    """Under var/, gone afterwards."""
    VAR.mkdir(exist_ok=True)
    return tempfile.TemporaryDirectory(prefix="bench-", dir=VAR)
