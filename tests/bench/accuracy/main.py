"""./dev bench accuracy: how far tools' timings are from a packet capture."""

import argparse
import itertools
import json
import socket
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from host.errors import DemoError

from accuracy import tshark
from accuracy.agent import Agent, key_log
from accuracy.blackbox import Blackbox
from accuracy.comparison import Errors, compare, plant
from accuracy.curl import Curl
from accuracy.modes import AGENT, BLACKBOX, BY_KEY, CURL, MODES, OWN_CLOCK, Mode
from accuracy.report import as_json, missed, mode_table, planted_table
from accuracy.results import Result
from accuracy.scheduling import busy
from accuracy.tools import Tool
from accuracy.truth import Wire, read_wire
from accuracy.workplace import working_folder
from accuracy.world import PROBER4, PROBER6, World

LOCAL = frozenset(
    {socket.inet_pton(socket.AF_INET, PROBER4), socket.inet_pton(socket.AF_INET6, PROBER6)}
)


class Bench:
    """Runs modes and prints what they show."""

    def __init__(self, options: argparse.Namespace, root: Path) -> None:
        self._options = options
        self._root = root
        self._numbers = itertools.count()
        self.misses: list[str] = []
        self.figures: dict[str, dict[str, object]] = {}

    def run(self, modes: Sequence[Mode]) -> None:
        """All modes with the same link in one world."""
        for delay, group in itertools.groupby(modes, key=lambda mode: mode.link_delay_ms):
            with self._world().up(link_delay_ms=delay) as world:
                for mode in group:
                    self._run_mode(world, mode)

    def _world(self) -> World:
        return World(self._root / f"world{next(self._numbers)}", self._options.build_dir)

    def _run_mode(self, world: World, mode: Mode) -> None:
        pooled: defaultdict[str, Errors] = defaultdict(Errors)
        rounds: defaultdict[str, list[dict[str, object]]] = defaultdict(list)
        keys = [key for key in self._options.tools or mode.tools if key in mode.tools]
        for _ in range(self._options.rounds):
            for key in keys:
                tool = self._tool(key, mode)
                errors = self._measure(world, mode, tool)
                pooled[tool.name].add(errors)
                rounds[tool.name].append(as_json(errors))
        print(mode_table(mode, pooled), end="\n\n", flush=True)
        self.figures[mode.key] = {
            name: {**as_json(errors), "rounds": rounds[name]} for name, errors in pooled.items()
        }
        if Agent.name in pooled:
            self.misses += missed(mode, pooled[Agent.name])

    def _tool(self, key: str, mode: Mode) -> Tool:
        makers: dict[str, Callable[[], Tool]] = {
            AGENT: lambda: Agent(self._options.build_dir, self._options.agent, mode.http2),
            OWN_CLOCK: lambda: Agent(
                self._options.build_dir, self._options.agent, mode.http2, own_clock=True
            ),
            BLACKBOX: Blackbox,
            CURL: Curl,
        }
        return makers[key]()

    def _measure(self, world: World, mode: Mode, tool: Tool) -> Errors:
        count = min(self._options.probes or mode.probes, mode.probes)
        urls = world.urls(count, mode.scheme, mode.port, mode.domain, mode.path)
        load = replace(mode.load, realtime=self._options.realtime)
        capture = self._captures / f"{mode.key}-{tool.name}.pcap"
        key_log(world).unlink(missing_ok=True)
        with (
            tool.running(world, load) as session,
            world.recorded(capture),
            busy(mode.busy_loops),
        ):
            results = session.probe(urls)
        requests = None
        if mode.http2:
            requests = tshark.http2_requests(capture, key_log(world), mode.port)
        wire = read_wire(capture, LOCAL, mode.service_ms, requests)
        self._check_ourselves(mode, tool, results, wire, capture)
        if not self._options.keep:
            capture.unlink()
        return compare(results, wire, tool.definitions)

    @property
    def _captures(self) -> Path:
        folder: Path = self._options.keep or self._root
        folder.mkdir(exist_ok=True)
        return folder

    def _check_ourselves(
        self, mode: Mode, tool: Tool, results: Sequence[Result], wire: Wire, capture: Path
    ) -> None:
        if self._options.plant_us:
            found = plant(results, wire, tool.definitions, self._options.plant_us)
            print(planted_table(f"{mode.key}, {tool.name}", found), end="\n\n")
            self.misses += [
                f"{mode.key}: {tool.name}: an error planted in {one.phase} does not show as such"
                for one in found
                if not one.shows
            ]
        if self._options.check_tshark and mode.scheme == "https" and not mode.http2:
            agreement = tshark.compare(wire, tshark.phases_by_tshark(capture, mode.service_ms))
            verdict = "agree exactly" if agreement.exact else "DIFFER"
            print(
                f"{mode.key}, {tool.name}: tshark and we {verdict} on {agreement.probes} probes;"
                f" {agreement.missing} without tshark's; largest difference, us: "
                + ", ".join(f"{phase} {by:g}" for phase, by in agreement.largest_us.items()),
                flush=True,
            )
            if not agreement.exact:
                self.misses.append(f"{mode.key}: {tool.name}: tshark sees other phases")


def chosen_modes(text: str) -> list[Mode]:
    """The modes of a list with commas."""
    try:
        return [BY_KEY[key] for key in text.split(",")]
    except KeyError as unknown:
        raise argparse.ArgumentTypeError(
            f"there is no mode {unknown}; there are {', '.join(BY_KEY)}"
        ) from None


def chosen_tools(text: str) -> list[str]:
    """The tools of a list with commas."""
    keys = text.split(",")
    for key in keys:
        if key not in (AGENT, OWN_CLOCK, BLACKBOX, CURL):
            raise argparse.ArgumentTypeError(f"there is no tool {key}")
    return keys


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="./dev bench accuracy", description=__doc__)
    parser.add_argument("--build-dir", type=Path, required=True, metavar="DIR")
    parser.add_argument("--agent", metavar="FILE", help="instead of the build's own")
    parser.add_argument("--modes", type=chosen_modes, default=list(MODES), metavar="NAME,…")
    parser.add_argument("--tools", type=chosen_tools, metavar="NAME,…", help="only these")
    parser.add_argument("--rounds", type=int, default=1, help="all tools in turn, so many times")
    parser.add_argument("--probes", type=int, help="at most so many per tool and round")
    parser.add_argument("--realtime", action="store_true", help="probers at SCHED_RR 1 as well")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave the captures there")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--check-tshark", action="store_true", help="hold our analysis against it")
    parser.add_argument("--plant-us", type=float, help="show what a planted error looks like")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """0 when every bound holds."""
    options = parse(arguments)
    with working_folder() as root:
        bench = Bench(options, Path(root))
        try:
            bench.run(options.modes)
        except DemoError as error:
            print(f"bench accuracy: {error}", file=sys.stderr)
            return 2
        except KeyboardInterrupt:
            return 130
    if options.json:
        options.json.write_text(json.dumps(bench.figures, indent=1) + "\n", encoding="utf-8")
    for miss in bench.misses:
        print(f"MISSED {miss}", file=sys.stderr)
    return 1 if bench.misses else 0
