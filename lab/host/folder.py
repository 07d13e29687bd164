"""The data folder: everything the demo writes is inside it, and one demo at a time uses it."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from host.errors import DemoError

REPOSITORY = Path(__file__).resolve().parents[2]
VAR = REPOSITORY / "var"


class DataFolder:
    """Names the places inside one data folder and makes them."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.tls = self.root / "tls"
        self.nginx = self.root / "nginx"
        self.resolvers = self.root / "resolvers"
        self.collector = self.root / "collector"
        self.agents = self.root / "agents"
        self.logs = self.root / "logs"
        self.edges_file = self.root / "edges.yaml"

    def prepare(self) -> None:
        """Makes the folders and empties the logs, so that a log's tail is always of this run."""
        for folder in (self.nginx / "temp", self.resolvers, self.collector, self.agents, self.logs):
            folder.mkdir(parents=True, exist_ok=True)
        for log in self.logs.glob("*.log"):
            log.unlink()

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Holds the folder; the kernel lets go of it however this process ends."""
        self.root.mkdir(parents=True, exist_ok=True)
        with open(self.root / "lock", "a+", encoding="ascii") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                owner = lock.read().strip() or "unknown"
                raise DemoError(f"another demo (process {owner}) uses {self.root}") from None
            lock.truncate(0)
            lock.write(f"{os.getpid()}\n")
            lock.flush()
            yield


def temporary_folder(purpose: str) -> DataFolder:
    """A fresh folder under var/ for one unattended run."""
    VAR.mkdir(exist_ok=True)
    return DataFolder(Path(tempfile.mkdtemp(prefix=f"{purpose}-", dir=VAR)))


def remove(folder: DataFolder) -> None:
    """Deletes a temporary folder."""
    shutil.rmtree(folder.root)
