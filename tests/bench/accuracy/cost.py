"""./dev bench probe-cost: what HTTPS probes cost, and the floor under them."""

import argparse
import json
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from host.errors import DemoError

from accuracy.agent import Agent
from accuracy.blackbox import Blackbox
from accuracy.report import columns
from accuracy.scheduling import probing
from accuracy.tools import Load, Tool, clean_environment
from accuracy.workplace import working_folder
from accuracy.world import DOMAIN, PROBER, SERVER4, World

AT_200 = Load(rate=200, cap=60)
FULL_SPEED = Load(rate=0, cap=50)
FLOOR = "OpenSSL handshake"
FLOOR_SECONDS = 5

# Of ours to blackbox_exporter's.
MOST_CPU_RATIO = 0.75
LEAST_SPEED_RATIO = 1.4
MOST_RSS_MB = 34


@dataclass(frozen=True)
class Cost:
    """Of one run."""

    cpu_ms: float  # per probe
    per_second: float
    peak_rss_mb: float | None = None


Costs = dict[str, list[Cost]]


def run_tool(world: World, tool: Tool, load: Load, path: str, count: int) -> Cost:
    """Probes without a capture; what a tool needs to become warm is not counted."""
    urls = world.urls(count, "https", 443, DOMAIN, path)
    with tool.running(world, load) as session:
        before_s = session.processor_s()
        results = session.probe(urls)
        used_s = session.processor_s() - before_s
    failures = [result.failure for result in results if result.failure]
    if failures or len(results) != count:
        raise DemoError(f"{tool.name}: {len(failures)} of {count} probes failed: {failures[:1]}")
    return Cost(used_s / count * 1000, count / session.elapsed_s, session.peak_rss_mb)


def run_floor(world: World) -> Cost:
    """OpenSSL's own client on the probers' core."""
    words = [world.program("handshakes"), "--address", SERVER4, "--name", f"floor.{DOMAIN}"]
    words += ["--ca-file", str(world.ca_file), "--seconds", str(FLOOR_SECONDS)]
    with world.namespaces.entered(PROBER):
        done = subprocess.run(
            probing(words, realtime=False),
            capture_output=True,
            text=True,
            env=clean_environment(),
            check=False,
        )
    if done.returncode != 0:
        raise DemoError(done.stderr.strip())
    counted = json.loads(done.stdout)
    if counted["failed"] or not counted["probes"]:
        raise DemoError(f"handshakes failed: {counted}")
    return Cost(counted["cpu_s"] / counted["probes"] * 1000, counted["probes"] / counted["wall_s"])


def measure(options: argparse.Namespace, root: Path) -> tuple[Costs, Costs]:
    """All in turn, round by round: at 200/s, and at full speed."""
    tools: list[Tool] = [Agent(options.build_dir, options.agent), Blackbox()]
    paced: defaultdict[str, list[Cost]] = defaultdict(list)
    fast: defaultdict[str, list[Cost]] = defaultdict(list)
    with World(root / "paced", options.build_dir).up() as world:
        for _ in range(options.rounds):
            for tool in tools:
                cost = run_tool(world, tool, AT_200, "/220/200", options.probes)
                paced[tool.name].append(cost)
    # DNS answers at once as well: timers would take the server's core from the server.
    with World(root / "fast", options.build_dir).up(dns_delay_ms=0) as world:
        for _ in range(options.rounds):
            for tool in tools:
                fast[tool.name].append(
                    run_tool(world, tool, FULL_SPEED, "/now", 2 * options.probes)
                )
            fast[FLOOR].append(run_floor(world))
    return paced, fast


def readings(costs: Sequence[Cost], what: str) -> list[float]:
    """Of every round, or none at all: the median of the others would pass for that of all."""
    values = [getattr(cost, what) for cost in costs]
    return [] if None in values else values


def middle(tool: str, costs: Costs, what: str) -> float:
    """The median over the rounds; raises when a round has no reading."""
    values = readings(costs[tool], what)
    if not values:
        raise DemoError(f"{tool}: not every round has a reading of {what}")
    return statistics.median(values)


def table(paced: Costs, fast: Costs) -> str:
    """One row a tool, with the range over the rounds."""
    rows = [["", "CPU ms/probe, 200/s", "peak RSS MB, 200/s", "CPU ms/probe, full speed"]]
    rows[0].append("probes/s, one core")
    for tool in fast:
        rows.append(
            [
                tool,
                spread(paced.get(tool, []), "cpu_ms", 2),
                spread(paced.get(tool, []), "peak_rss_mb", 1),
                spread(fast[tool], "cpu_ms", 2),
                spread(fast[tool], "per_second", 0),
            ]
        )
    return columns(rows)


def spread(costs: Sequence[Cost], what: str, digits: int) -> str:
    """Median (least to most)."""
    values = readings(costs, what)
    if not values:
        return "-"
    value = statistics.median(values)
    return f"{value:.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def ratios(paced: Costs, fast: Costs) -> dict[str, float]:
    """Ours to blackbox_exporter's, and our memory."""

    def ratio(costs: Costs, what: str) -> float:
        return middle(Agent.name, costs, what) / middle(Blackbox.name, costs, what)

    return {
        "cpu_at_200_ratio": ratio(paced, "cpu_ms"),
        "per_second_ratio": ratio(fast, "per_second"),
        "rss_at_200_mb": middle(Agent.name, paced, "peak_rss_mb"),
    }


def missed(figures: dict[str, float]) -> list[str]:
    """The bounds that do not hold, in sentences."""
    cpu, speed, rss = (figures[key] for key in figures)
    found = []
    if cpu > MOST_CPU_RATIO:
        found.append(f"{cpu:.2f} of blackbox_exporter's CPU at 200/s, more than {MOST_CPU_RATIO}")
    if speed < LEAST_SPEED_RATIO:
        found.append(f"{speed:.2f} of blackbox_exporter's probes/s, less than {LEAST_SPEED_RATIO}")
    if rss > MOST_RSS_MB:
        found.append(f"{rss:.1f} MB resident at 200/s, more than {MOST_RSS_MB}")
    return found


def main(arguments: Sequence[str]) -> int:
    """0 when every bound holds."""
    parser = argparse.ArgumentParser(prog="./dev bench probe-cost", description=__doc__)
    parser.add_argument("--build-dir", type=Path, required=True, metavar="DIR")
    parser.add_argument("--agent", metavar="FILE", help="instead of the build's own")
    parser.add_argument("--rounds", type=int, default=3, help="all in turn, so many times")
    parser.add_argument("--probes", type=int, default=2000, help="at 200/s; full speed: twice that")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    with working_folder() as root:
        try:
            paced, fast = measure(options, Path(root))
            figures = ratios(paced, fast)
        except DemoError as error:
            print(f"bench probe-cost: {error}", file=sys.stderr)
            return 2
        except KeyboardInterrupt:
            return 130
    print("median over the rounds (least to most); at 200/s with 220 ms of service")
    print(table(paced, fast))
    print(", ".join(f"{key} {value:.2f}" for key, value in figures.items()))
    if options.json:
        runs = {
            name: {tool: [vars(cost) for cost in costs[tool]] for tool in costs}
            for name, costs in (("at_200", paced), ("full_speed", fast))
        }
        options.json.write_text(json.dumps({**figures, **runs}, indent=1) + "\n", encoding="utf-8")
    for miss in missed(figures):
        print(f"MISSED {miss}", file=sys.stderr)
    return 1 if missed(figures) else 0
