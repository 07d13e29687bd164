"""Wall clocks that can be set, one for each agent; the machine's own is never touched."""

import os
import struct
from pathlib import Path

from host.errors import DemoError

LIBRARY = "lab/firstbyte-clock.so"


class AgentClock:
    """What an agent's process is started with, so that it takes its wall time from here."""

    def __init__(self, build_dir: Path, file: Path) -> None:
        library = (build_dir / LIBRARY).absolute()
        if not library.exists():
            raise DemoError(f"{library} is missing; build it with ./dev build")
        self.environment = {"LD_PRELOAD": str(library), "FIRSTBYTE_CLOCK_FILE": str(file)}
        self._file = file
        self.set(0.0)

    def set(self, ahead_s: float) -> None:
        """So far ahead of the machine's, at once; negative: behind it."""
        descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.pwrite(descriptor, struct.pack("=q", round(ahead_s * 1e9)), 0)
        finally:
            os.close(descriptor)
