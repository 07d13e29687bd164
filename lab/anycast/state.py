"""The folder by which a lab is found: who holds it, and where it takes requests."""

import contextlib
import fcntl
import json
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from host.errors import DemoError, UsageError
from host.kernel import start_time

REPLY_LIMIT_S = 30.0


class StateFolder:
    """What of a lab can be seen from outside. `inside` is where the holder mounts the rest."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.inside = self.root / "inside"
        self.tls = self.root / "tls"
        self.log = self.root / "lab.log"
        self._socket = self.root / "control.sock"
        self._owner = self.root / "holder.json"

    def listen(self) -> socket.socket:
        """Takes the folder: the control socket, for this user only, and who we are."""
        self.inside.mkdir(parents=True, exist_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with self._short_path() as path:
            listener.bind(path)
        os.chmod(self._socket, 0o600)
        listener.listen(16)
        # /proc is the host's, so that this is our number there, not 1.
        pid = int(os.readlink("/proc/self"))
        owner = {"pid": pid, "started": start_time(pid)}
        self._owner.write_text(json.dumps(owner), encoding="ascii")
        return listener

    @contextlib.contextmanager
    def claimed(self) -> Iterator[None]:
        """Makes the folder and holds it, so that two labctl do not build and remove at once."""
        while True:
            self.root.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # Whoever held it may have removed it meanwhile.
                if self.root.exists() and os.path.samestat(os.fstat(descriptor), self.root.stat()):
                    yield
                    return
            except BlockingIOError:
                raise UsageError(f"another labctl is at work on {self.root}") from None
            finally:
                os.close(descriptor)

    @property
    def strangers(self) -> list[str]:
        """What is in the folder and is not a lab's."""
        ours = {path.name for path in (self.inside, self.tls, self.log, self._socket, self._owner)}
        return sorted(entry.name for entry in self.root.iterdir() if entry.name not in ours)

    def check_ours(self) -> None:
        """Refuses a folder that holds anything else: it is emptied and removed in the end."""
        if self.root.is_symlink():
            raise UsageError(f"{self.root} is a symbolic link, which no lab makes")
        if self.strangers:
            raise UsageError(
                f"{self.root} holds {self.strangers[0]}, which is no lab's; choose another"
                " --state-dir"
            )

    def remove(self) -> None:
        """Deletes the folder; only for one whose holder has ended."""
        if self.root.exists():
            self.check_ours()
            self.clear()
            self.root.rmdir()

    def clear(self) -> None:
        """Deletes what a lab has left in it."""
        for file in (self._socket, self._owner, self.log):
            file.unlink(missing_ok=True)
        if self.tls.exists():
            shutil.rmtree(self.tls)
        if self.inside.exists():
            self.inside.rmdir()

    @property
    def is_mine(self) -> bool:
        """Asked by a holder: whether the folder still says that it holds it."""
        return self.holder == int(os.readlink("/proc/self"))

    @property
    def holder(self) -> int | None:
        """The holder's process id, if it lives."""
        try:
            owner = json.loads(self._owner.read_text(encoding="ascii"))
            pid = int(owner["pid"])
        except (OSError, ValueError, KeyError):
            return None
        return pid if start_time(pid) == owner["started"] else None

    def request(self, verb: str, **arguments: Any) -> Any:
        """Asks the holder to do something; raises what it refuses."""
        if self.holder is None:
            raise UsageError("no lab is up; labctl up starts one")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(REPLY_LIMIT_S)
            try:
                with self._short_path() as path:
                    connection.connect(path)
                connection.sendall(json.dumps({"verb": verb, **arguments}).encode() + b"\n")
                with connection.makefile("rb") as reader:
                    line = reader.readline()
            except PermissionError as error:
                raise UsageError("the lab that is up belongs to another user") from error
            except OSError as error:
                raise DemoError(f"the lab does not answer: {error}") from error
        if not line:
            raise DemoError(f"the lab ended while it was asked; see {self.log}")
        reply = json.loads(line)
        if "error" in reply:
            raise (UsageError if reply.get("usage") else DemoError)(reply["error"])
        return reply["result"]

    @contextlib.contextmanager
    def _short_path(self) -> Iterator[str]:
        """The socket's path by way of a descriptor, since a socket's name has 107 bytes at most."""
        descriptor = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            yield f"/proc/self/fd/{descriptor}/control.sock"
        finally:
            os.close(descriptor)
