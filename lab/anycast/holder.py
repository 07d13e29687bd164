"""The process that a lab lives and dies with.

It is process 1 of a process id namespace and holds the only mounts of the network namespaces, so
the kernel takes every process, namespace and interface of the lab with it, however it ends.
"""

import contextlib
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

LOOK_S = 2.0
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
        self._ttl_s = ttl_s
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
        except (Interrupted, BrokenPipeError):
            pass  # told to go, or nobody waits for us any more
        except (DemoError, BirdError, OSError) as error:
            with contextlib.suppress(BrokenPipeError):
                say("error " + json.dumps(sentence(error)))
        self._vanish()

    def _vanish(self) -> None:
        """Leaves no file; the kernel does the rest when we end."""
        os.chdir("/")
        with contextlib.suppress(OSError):  # it was not mounted yet
            unmount(self._state.inside)
        with contextlib.suppress(OSError, DemoError):  # somebody put something there, or took it
            self._state.remove()

    def _loop(self) -> None:
        ends_at = time.monotonic() + self._ttl_s
        while not self._ending:
            left = ends_at - time.monotonic()
            if left <= 0:
                log("its time is over")
                return
            # Nobody could find a lab whose folder is gone, so it goes as well.
            if not self._state.is_mine:
                log("its folder was taken away")
                return
            self._processes.pump(min(left, LOOK_S))

    def _serve(self, listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(REQUEST_LIMIT_S)
            try:
                with connection.makefile("rb") as reader:
                    line = reader.readline(REQUEST_LIMIT_BYTES)
                connection.sendall(json.dumps(self._answer(line)).encode() + b"\n")
            except OSError as error:
                log(f"whoever asked is gone: {error}")

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            request = json.loads(line)
            verb = self._verbs[request.pop("verb")]
            return {"result": verb(**request)}
        except Interrupted:
            raise
        except UsageError as error:
            return {"error": str(error), "usage": True}
        except (DemoError, BirdError, OSError) as error:
            return {"error": sentence(error)}
        except Exception as error:  # noqa: BLE001 - no request may end the lab
            log(f"{line!r} failed: {error!r}")
            return {"error": f"the lab cannot do this: {error!r}"}

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
