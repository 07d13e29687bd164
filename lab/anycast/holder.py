"""The process that a lab lives and dies with.

It is process 1 of a process id namespace and holds the only mounts of the network namespaces, so
the kernel takes everything down with it, however it ends: there is nothing that could be left.
"""

import json
import os
import socket
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from anycast.addresses import RESOLVER4, RESOLVER6
from anycast.bird import BirdError
from anycast.lab import Lab, Settings
from anycast.namespaces import MS_BIND, mount, unmount
from anycast.state import StateFolder
from host.errors import DemoError, UsageError, sentence
from host.processes import Child, Processes, ending
from host.stop_signals import Interrupted, StopSignals
from world.topology import from_document

REQUEST_LIMIT_S = 2.0
REQUEST_LIMIT_BYTES = 64 * 1024

Say = Callable[[str], None]


class Holder:
    """Builds the lab, then answers requests until it is told to go or its time is over."""

    def __init__(self, settings: Settings, state: StateFolder, ttl_s: float) -> None:
        self._signals = StopSignals()
        self._signals.install()
        self._processes = Processes(self._signals, self._note_end)
        self._state = state
        self._ends_at = time.monotonic() + ttl_s
        self._ending = False
        self._lab = Lab(settings, state.tls, self._processes)
        self._verbs: dict[str, Callable[..., Any]] = {
            "status": self._lab.status,
            "agreement": self._lab.agreement,
            "cut": self._lab.cut,
            "kill": self._lab.kill,
            "drain": self._lab.drain,
            "revive": self._lab.revive,
            "health": self._lab.switch_health,
            "link": self._link,
            "stats": self._lab.stats,
            "down": self._go,
        }

    def run(self, say: Say, with_lifeline: bool) -> None:
        """Says `ready` or `error SENTENCE` in one line, and in the latter case ends."""
        listener = self._state.listen()
        try:
            move_in(self._state)
            self._lab.build()
            self._processes.watch(listener, lambda: self._serve(listener))
            if with_lifeline:
                self._processes.watch(sys.stdin, self._go)
            say("ready")
            self._loop()
            self._vanish()
        except Interrupted:
            self._vanish()
        except (DemoError, BirdError, OSError) as error:
            say("error " + json.dumps(sentence(error)))
        finally:
            self._state.forget()

    def _vanish(self) -> None:
        """Leaves no file; the kernel does the rest when we end."""
        os.chdir("/")
        unmount(self._state.inside)
        self._state.remove()

    def _loop(self) -> None:
        while not self._ending:
            left = self._ends_at - time.monotonic()
            if left <= 0:
                log("its time is over")
                return
            self._processes.pump(left)

    def _serve(self, listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(REQUEST_LIMIT_S)
            try:
                with connection.makefile("rb") as reader:
                    request = json.loads(reader.readline(REQUEST_LIMIT_BYTES))
                connection.sendall(json.dumps(self._answer(request)).encode() + b"\n")
            except (OSError, ValueError) as error:
                log(f"a request failed: {error}")

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        verb = self._verbs.get(request.pop("verb", ""))
        if verb is None:
            return {"error": "the lab does not know this verb", "usage": True}
        try:
            return {"result": verb(**request)}
        except UsageError as error:
            return {"error": str(error), "usage": True}
        except (DemoError, BirdError, OSError) as error:
            return {"error": str(error)}

    def _link(self, a: str, b: str, **wanted: Any) -> dict[str, Any]:
        return vars(self._lab.link(a, b, wanted))

    def _go(self) -> None:
        self._ending = True

    def _note_end(self, child: Child) -> None:
        log(f"{child.name} {ending(child)}")


def move_in(state: StateFolder) -> None:
    """A file system in memory for everything the lab writes, and the lab's resolver for everybody
    inside. Both are seen from in here only."""
    mount("tmpfs", state.inside, "tmpfs")
    os.chdir(state.inside)
    resolvers = f"nameserver {RESOLVER4}\nnameserver {RESOLVER6}\n"
    Path("resolv.conf").write_text(resolvers, encoding="ascii")
    target = Path("/etc/resolv.conf").resolve()
    if target.exists():
        mount(str(state.inside / "resolv.conf"), target, None, MS_BIND)


def log(line: str) -> None:
    """To the lab's log."""
    print(time.strftime("%H:%M:%S"), line, file=sys.stderr, flush=True)


def hold(words: Sequence[str]) -> None:
    """Entry point inside the new namespaces; the one word comes from launch.py."""
    arguments = json.loads(words[0])
    settings = Settings(
        topology=from_document(arguments["topology"]),
        build_dir=Path(arguments["build_dir"]),
        bfd=arguments["bfd"],
        health=arguments["health"],
        wire=arguments["wire"],
    )
    holder = Holder(settings, StateFolder(Path(arguments["state_dir"])), arguments["ttl_s"])
    holder.run(lambda line: print(line, flush=True), arguments["lifeline"])
