"""The folder by which a lab is found: who holds it, and where it takes requests."""

import contextlib
import json
import os
import shutil
import socket
from pathlib import Path
from typing import Any

from host.errors import DemoError, UsageError

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

    def forget(self) -> None:
        """Removes what makes the folder look taken."""
        self._socket.unlink(missing_ok=True)
        self._owner.unlink(missing_ok=True)

    def remove(self) -> None:
        """Deletes the folder; only for one whose holder has ended."""
        shutil.rmtree(self.root, ignore_errors=True)

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
            except OSError as error:
                raise DemoError(f"the lab does not answer: {error}") from error
        if not line:
            raise DemoError(f"the lab ended while it was asked; see {self.log}")
        reply = json.loads(line)
        if "error" in reply:
            raise (UsageError if reply.get("usage") else DemoError)(reply["error"])
        return reply["result"]

    @contextlib.contextmanager
    def _short_path(self):  # type: ignore[no-untyped-def]
        """The socket's path by way of a descriptor, since a socket's name has 107 bytes at most."""
        descriptor = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            yield f"/proc/self/fd/{descriptor}/control.sock"
        finally:
            os.close(descriptor)


def start_time(pid: int) -> int | None:
    """When a process began, in the kernel's ticks; with the pid it names a process for ever."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = stat[stat.rindex(")") + 2 :].split()
    return None if fields[0] in "ZX" else int(fields[19])
