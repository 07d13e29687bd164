"""Delay, loss, jitter and rate of the cables: by our own daemon, or by the kernel's netem."""

import json
import socket
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Protocol

from anycast.addresses import WIRE_ROOM, Cable
from anycast.edges import lab_program
from anycast.namespaces import Namespaces
from host.errors import DemoError, UsageError
from host.processes import Child, Processes
from host.programs import installed

REPLY_LIMIT_S = 2.0

# A packet in each microsecond would fit; netem's own 1000 drops at high rates.
NETEM_PACKETS = 20_000


@dataclass(frozen=True)
class Condition:
    """How one cable behaves, in each direction."""

    delay_ms: float
    jitter_ms: float = 0.0
    loss_percent: float = 0.0
    rate_mbit: float = 0.0  # 0: unlimited
    up: bool = True

    def changed(self, **wanted: float | bool | None) -> "Condition":
        """With what is not None; raises UsageError for what cannot be."""
        new = replace(self, **{key: value for key, value in wanted.items() if value is not None})
        for key, least, most in (
            ("delay_ms", 0, 10_000),
            ("jitter_ms", 0, 10_000),
            ("loss_percent", 0, 100),
            ("rate_mbit", 0, 100_000),
        ):
            value = asdict(new)[key]
            if not least <= value <= most:
                flag = "--" + key.partition("_")[0]
                raise UsageError(f"{flag} {value:g} is not between {least} and {most}")
        return new


class Wires(Protocol):
    """What makes cables long. `kind` is told to people."""

    kind: str

    def start(self, cables: Iterable[Cable]) -> None:
        """From here on every cable has its delay."""

    def set(self, cable: Cable, condition: Condition) -> None:
        """Changes one while packets are on it."""

    @property
    def runs(self) -> bool:
        """Whether cables are carried at all."""


class WireDaemon:
    """firstbyte-wire in the wire room."""

    kind = "wire daemon"

    def __init__(
        self, folder: Path, build_dir: Path, namespaces: Namespaces, processes: Processes
    ) -> None:
        self._child: Child | None = None
        self._folder = folder
        self._build_dir = build_dir
        self._namespaces = namespaces
        self._processes = processes

    def start(self, cables: Iterable[Cable]) -> None:
        """Writes its table and starts it."""
        self._folder.mkdir()
        table = [
            {
                "name": cable.name,
                "a": cable.room_ends[0],
                "b": cable.room_ends[1],
                "delay_us": round(cable.delay_ms * 1000),
            }
            for cable in cables
        ]
        file = self._folder / "wires.json"
        file.write_text(json.dumps({"wires": table}, indent=1), encoding="utf-8")
        command = [lab_program(self._build_dir, "wire"), "--wires", "wires.json"]
        with self._namespaces.entered(WIRE_ROOM):
            self._child = self._processes.start(
                "wire",
                [*command, "--control", "control.sock"],
                self._folder / "wire.log",
                cwd=self._folder,
            )
        self._child.watched = True

    @property
    def runs(self) -> bool:
        """Whether the daemon lives."""
        return self._child is not None and self._child.running

    def set(self, cable: Cable, condition: Condition) -> None:
        """Tells it."""
        self._request(
            {
                "set": {
                    "wire": cable.name,
                    "delay_us": round(condition.delay_ms * 1000),
                    "jitter_us": round(condition.jitter_ms * 1000),
                    "loss_percent": condition.loss_percent,
                    "rate_mbit": condition.rate_mbit,
                    "up": condition.up,
                }
            }
        )

    def stats(self) -> dict[str, object]:
        """Its counters: {"wires": {name: …}, "missed": N}."""
        return self._request({"stats": {}})

    def _request(self, request: dict[str, object]) -> dict[str, object]:
        if not self.runs:
            raise DemoError("the wire daemon has ended, so no cable carries anything; labctl down")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(REPLY_LIMIT_S)
            connection.connect(str(self._folder / "control.sock"))
            connection.sendall(json.dumps(request).encode() + b"\n")
            with connection.makefile("rb") as reader:
                reply = json.loads(reader.readline() or b'{"error": "the wire daemon hung up"}')
        if "error" in reply:
            raise DemoError(reply["error"])
        return dict(reply)


class Netem:
    """The kernel's sch_netem on both ends of each cable."""

    kind = "netem"
    runs = True

    def __init__(self, namespaces: Namespaces) -> None:
        self._namespaces = namespaces

    def start(self, cables: Iterable[Cable]) -> None:
        """One queueing discipline for each end."""
        for cable in cables:
            self._tc("add", cable, Condition(cable.delay_ms))

    def set(self, cable: Cable, condition: Condition) -> None:
        """Replaces both."""
        self._tc("replace", cable, condition)

    def _tc(self, verb: str, cable: Cable, condition: Condition) -> None:
        for end in (cable.a, cable.b):
            with self._namespaces.entered(end.node):
                run_tc(["qdisc", verb, "dev", end.interface, "root", *netem_words(condition)])


def netem_words(condition: Condition) -> list[str]:
    """A condition as `tc` wants it."""
    words = ["netem", "limit", str(NETEM_PACKETS), "delay", f"{condition.delay_ms * 1000:.0f}us"]
    if condition.jitter_ms:
        words.append(f"{condition.jitter_ms * 1000:.0f}us")
    loss = condition.loss_percent if condition.up else 100
    if loss:
        words += ["loss", f"{loss:g}%"]
    if condition.rate_mbit:
        words += ["rate", f"{condition.rate_mbit:g}mbit"]
    return words


def kernel_has_netem(namespaces: Namespaces) -> bool:
    """Tried, not guessed from a version: on the wire room's loopback device."""
    with namespaces.entered(WIRE_ROOM):
        try:
            run_tc(["qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms"])
            run_tc(["qdisc", "del", "dev", "lo", "root"])
        except DemoError:
            return False
    return True


def run_tc(arguments: list[str]) -> None:
    """Runs tc; raises with what it said."""
    done = subprocess.run(
        [installed("tc"), *arguments], capture_output=True, text=True, timeout=10, check=False
    )
    if done.returncode != 0:
        raise DemoError(f"tc {' '.join(arguments)} failed: {done.stderr.strip()}")
