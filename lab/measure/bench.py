"""The benchmark of the lab: what it costs, how true its wires are, how it fails over."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from anycast import launch
from anycast.namespaces import enter_holder
from anycast.state import StateFolder
from host.errors import DemoError
from host.folder import VAR
from host.memory import namespace_members, processor_s, proportional_mb
from measure.drill import Findings, drill, find
from stack.table import ABSENT, columns
from world.topology_file import TOPOLOGY_FILE, load_topology

TTL_S = 600.0
IDLE_S = 10.0
AGREEMENT_LIMIT_S = 15.0
POLL_S = 0.01
PING_CITY, PING_ONE_WAY_MS = "london", 17.0

Figures = dict[str, Any]

BOUNDS: dict[str, float] = {
    "up_s": 3,
    "down_s": 1.5,
    "memory_pss_mb": 80,
    "idle_cpu_percent_of_a_core": 8,
    "wrong_edges_of_28": 0,
    "cut_agreement_max_s": 1,
    "wire_rtt_error_p50_us": 60,
    "wire_rtt_error_p99_us": 300,
}

# Name, what `labctl up` gets, the event, how long to look on after it.
FAILOVERS: Sequence[tuple[str, dict[str, bool], tuple[str, dict[str, Any]], float]] = (
    ("power cut, BFD on", {}, ("cut", {}), 6),
    ("power cut, BFD off (hold timer)", {"bfd": False}, ("cut", {}), 14),
    ("all processes shot", {}, ("kill", {}), 6),
    ("web server shot, health check on", {}, ("kill", {"web_only": True}), 6),
    ("web server shot, health check off", {"health": False}, ("kill", {"web_only": True}), 6),
    ("drained", {}, ("drain", {}), 6),
)


class Bench:
    """Runs the parts; each gives figures and prints what it found."""

    def __init__(self, build_dir: Path, root: Path, rounds: int) -> None:
        self._build_dir = build_dir
        self._root = root
        self._rounds = rounds
        self._topology = load_topology(TOPOLOGY_FILE)

    @contextmanager
    def _lab(self, **switches: bool) -> Iterator[StateFolder]:
        state = StateFolder(self._root / "lab")
        arguments = launch.holder_arguments(self._topology, self._build_dir, state, TTL_S, **switches)
        process = launch.launch(state, arguments, with_lifeline=True)
        try:
            yield state
        finally:
            launch.take_down(state)
            assert process.stdin is not None
            process.stdin.close()
            process.wait()

    def costs(self) -> Figures:
        """Seconds to go up and down, memory, processor time while nothing happens."""
        ups, downs, memory, idle = [], [], [], []
        for _ in range(self._rounds):
            began = time.monotonic()
            with self._lab() as state:
                ups.append(time.monotonic() - began)
                members = namespace_members(state.holder or 0)
                memory.append(proportional_mb(members))
                idle.append(idle_percent(members))
                began = time.monotonic()
            downs.append(time.monotonic() - began)
        return {
            "up_s": middle(ups),
            "down_s": middle(downs),
            "memory_pss_mb": middle(memory),
            "idle_cpu_percent_of_a_core": middle(idle),
        }

    def routing(self) -> Figures:
        """Who is nearest; then each edge is cut in turn and comes back."""
        cuts, revives = {}, {}
        with self._lab() as state:
            look = state.request("agreement")
            wrong = look["of"] - look["right"]
            for edge in self._topology.edges:
                state.request("cut", name=edge)
                cuts[edge] = wait_for_agreement(state)
                state.request("revive", name=edge)
                revives[edge] = wait_for_agreement(state)
        return {
            f"wrong_edges_of_{look['of']}": wrong,
            "cut_agreement_s": cuts,
            "cut_agreement_max_s": max(cuts.values()),
            "revive_agreement_max_s": max(revives.values()),
        }

    def wire(self) -> Figures:
        """1,000 pings across one wire of 17 ms, by kernel time stamps."""
        with self._lab() as state:
            state.request("link", a=PING_CITY, b="access", delay_ms=PING_ONE_WAY_MS)
            index = [place.slug for place in self._topology.places].index(PING_CITY)
            report = self._root / "ping.json"
            labctl = Path(__file__).parents[1] / "labctl"
            subprocess.run(
                [
                    *[sys.executable, "-B", str(labctl), "enter", str(state.root), PING_CITY],
                    str((self._build_dir / "tests/bench/bench_wire").absolute()),
                    *["--address", f"10.100.{index}.1", "--count", "1000", "--interval-ms", "10"],
                    *["--one-way-us", str(round(PING_ONE_WAY_MS * 1000)), "--json", str(report)],
                ],
                stdout=subprocess.DEVNULL,
                check=True,
            )
        figures = json.loads(report.read_text(encoding="utf-8"))
        return {f"wire_{key}": round(value, 1) for key, value in figures.items()}

    def failover(self) -> Figures:
        """New York asks ten times a second while something happens to ny1."""
        return {
            name: [
                vars(self._one_failover(switches, event, after_s)) for _ in range(self._rounds)
            ]
            for name, switches, event, after_s in FAILOVERS
        }

    def _one_failover(
        self, switches: dict[str, bool], event: tuple[str, dict[str, Any]], after_s: float
    ) -> Findings:
        verb, extra = event
        with self._lab(**switches) as state:
            # In a process of its own, because the lab is entered for good.
            reader, writer = os.pipe()
            if (pid := os.fork()) == 0:
                status = 1
                try:
                    os.close(reader)
                    status = drill_in_new_york(state, verb, extra, after_s, writer)
                finally:
                    os._exit(status)  # whatever happened, the lab is the parent's to take down
            os.close(writer)
            with open(reader, encoding="utf-8") as answers:
                said = answers.read()
            if os.waitpid(pid, 0)[1] != 0:
                raise DemoError(f"the drill of {verb} ended early")
        return Findings(**json.loads(said))


def drill_in_new_york(
    state: StateFolder, verb: str, extra: dict[str, Any], after_s: float, writer: int
) -> int:
    """The drill's process; its findings go into the pipe."""
    network, ca_file = state.inside / "namespaces" / "new-york", state.tls / "ca.pem"
    enter_holder(state.holder or 0)
    asks = drill(network, ca_file, 2.0, after_s, lambda: state.request(verb, name="ny1", **extra))
    with open(writer, "w", encoding="utf-8") as answers:
        json.dump(vars(find(asks, "ny1")), answers)
    return 0


def wait_for_agreement(state: StateFolder) -> float:
    """Seconds until every city's router chose what it should, the looking included."""
    began = time.monotonic()
    while True:
        look = state.request("agreement")
        took = time.monotonic() - began
        if look["right"] == look["of"]:
            return round(took, 3)
        if took > AGREEMENT_LIMIT_S:
            raise DemoError(f"after {took:.0f} s still wrong: {'; '.join(look['wrong'])}")
        time.sleep(POLL_S)


def idle_percent(members: Sequence[int]) -> float:
    """Of one core, over some seconds in which nobody asks anything."""
    time.sleep(2)
    began, before = time.monotonic(), processor_s(members)
    time.sleep(IDLE_S)
    return (processor_s(members) - before) / (time.monotonic() - began) * 100


def middle(values: Sequence[float]) -> float:
    """The median."""
    return round(statistics.median(values), 2)


def bounds_table(figures: Figures) -> str:
    """The figures beside their bounds."""
    rows = [("Figure", "Seen", "At most")]
    for key, value in figures.items():
        if not isinstance(value, dict):
            rows.append((key, str(value), str(BOUNDS.get(key, ABSENT))))
    return columns(rows, numbers=[1, 2])


def missed(figures: Figures) -> list[str]:
    """The figures beyond their bounds."""
    return [key for key, bound in BOUNDS.items() if key in figures and figures[key] > bound]


def failover_table(failovers: dict[str, list[Figures]]) -> str:
    """One row an event; several rounds as a list."""
    keys = ("asked", "failed", "slow", "rerouted_after_s", "bad_until_s")
    rows = [("New York asks ten times a second; ny1:", *keys)]
    for name, rounds in failovers.items():
        cells = [
            " ".join("never" if one[key] is None else str(one[key]) for one in rounds)
            for key in keys
        ]
        rows.append((name, *cells))
    return columns(rows)


def main(arguments: Sequence[str]) -> int:
    """Runs the parts that are asked for."""
    parser = argparse.ArgumentParser(prog="./dev bench lab", description=__doc__)
    parser.add_argument("--build-dir", type=Path, required=True, metavar="DIR")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--rounds", type=int, default=3, help="of what is repeated")
    parser.add_argument("--only", choices=("costs", "routing", "wire", "failover"))
    options = parser.parse_args(arguments)
    VAR.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=VAR) as root:
        bench = Bench(options.build_dir, Path(root), options.rounds)
        parts: dict[str, Callable[[], Figures]] = {
            "costs": bench.costs,
            "routing": bench.routing,
            "wire": bench.wire,
            "failover": lambda: {"failover": bench.failover()},
        }
        figures: Figures = {}
        try:
            for name, part in parts.items():
                if options.only in (None, name):
                    figures |= part()
        except DemoError as error:
            print(f"bench lab: {error}", file=sys.stderr)
            return 1
    print(bounds_table(figures))
    if "failover" in figures:
        print(failover_table(figures["failover"]))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    for key in missed(figures):
        print(f"bench lab: {key} is {figures[key]}, more than {BOUNDS[key]}", file=sys.stderr)
    return 1 if missed(figures) else 0
