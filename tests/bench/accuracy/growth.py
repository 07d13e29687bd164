"""./dev bench growth: whether an agent's memory grows with the number of its probes."""

import argparse
import contextlib
import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from host.errors import DemoError
from host.kernel import die_with_parent
from host.programs import built

from accuracy.report import columns
from accuracy.scheduling import probing
from accuracy.tools import clean_environment, wait_until
from accuracy.workplace import working_folder
from accuracy.world import DOMAIN, NETWORKS, PROBER, RESOLVER, World

AT_ONCE = 50
POINTS = 20
# The allocator's, between the first tenth and the end.
MOST_GROWTH_MB = 1.0


@dataclass(frozen=True)
class Point:
    """The memory after so many probes."""

    probes: int
    rss_mb: float


def spare_ports(world: World) -> None:
    """Each probe leaves a port in TIME_WAIT for a minute: all ports, and again after a second."""
    settings = Path("/proc/sys/net/ipv4")
    with world.namespaces.entered(PROBER):
        (settings / "tcp_tw_reuse").write_text("1", encoding="ascii")
        (settings / "ip_local_port_range").write_text("1024 65535", encoding="ascii")


@contextlib.contextmanager
def running(world: World, options: argparse.Namespace) -> Iterator[subprocess.Popen[bytes]]:
    """The batch mode at full speed, once it is ready."""
    program = options.agent or built(options.build_dir, "agent")
    words = [program, "probe", "--stdin", "--json", "--ca-file", str(world.ca_file)]
    words += ["--concurrency", str(AT_ONCE), "--resolver", RESOLVER]
    for network in NETWORKS:
        words += ["--allow-network", network]
    log = world.folder / "agent.log"
    with open(log, "wb") as errors, world.namespaces.entered(PROBER):
        process = subprocess.Popen(
            probing(words, realtime=False),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=clean_environment(),
            preexec_fn=die_with_parent(signal.SIGKILL),
        )
    try:
        wait_until(lambda: b"READY" in log.read_bytes(), process, log)
        yield process
    finally:
        process.kill()
        process.wait()


def rss_mb(pid: int) -> float:
    """Resident at present."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    found = re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
    if not found:
        raise DemoError("the agent has ended")
    return int(found[1]) / 1000 * 1.024


def urls(count: int) -> Iterator[bytes]:
    """A name of its own for each probe."""
    for number in range(count):
        yield f"https://g{number}.{DOMAIN}/now\n".encode("ascii")


def follow(process: subprocess.Popen[bytes], count: int) -> list[Point]:
    """Keeps the agent busy until all have their result."""
    stdin, stdout = process.stdin, process.stdout
    assert stdin is not None and stdout is not None
    os.set_blocking(stdin.fileno(), False)
    poller = select.poll()
    poller.register(stdin, select.POLLOUT)
    poller.register(stdout, select.POLLIN)
    source, unsent = urls(count), b""
    done, points, rest = 0, [Point(0, rss_mb(process.pid))], b""
    while done < count:
        ready = {descriptor for descriptor, _ in poller.poll()}
        if stdin.fileno() in ready:
            unsent = unsent or b"".join(url for _, url in zip(range(100), source))
            if unsent:
                unsent = unsent[os.write(stdin.fileno(), unsent[:4096]) :]
            else:
                poller.unregister(stdin)
        if stdout.fileno() in ready:
            data = os.read(stdout.fileno(), 1 << 20)
            if not data:
                raise DemoError(f"the agent ended after {done} probes")
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                if failure := json.loads(line)["failure"]:
                    raise DemoError(f"probe {done} failed: {failure}")
            done += len(lines)
            if done >= len(points) * count / POINTS:
                points.append(Point(done, rss_mb(process.pid)))
                print(f"{done} probes: {points[-1].rss_mb:.2f} MB", file=sys.stderr, flush=True)
    return points


def growth_mb(points: Sequence[Point]) -> float:
    """From the first tenth, when all that is kept for later has been made, to the end."""
    return points[-1].rss_mb - points[POINTS // 10].rss_mb


def main(arguments: Sequence[str]) -> int:
    """0 when it does not grow."""
    parser = argparse.ArgumentParser(prog="./dev bench growth", description=__doc__)
    parser.add_argument("--build-dir", type=Path, required=True, metavar="DIR")
    parser.add_argument("--agent", metavar="FILE", help="instead of the build's own")
    parser.add_argument("--probes", type=int, default=1_000_000, help="at full speed: 15 minutes")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    with working_folder() as root:
        try:
            with World(Path(root) / "world", options.build_dir).up(dns_delay_ms=0) as world:
                spare_ports(world)
                with running(world, options) as process:
                    began = time.monotonic()
                    points = follow(process, options.probes)
                    elapsed_s = time.monotonic() - began
        except DemoError as error:
            print(f"bench growth: {error}", file=sys.stderr)
            return 2
        except KeyboardInterrupt:
            return 130
    grown = growth_mb(points)
    print(columns([["probes", "RSS MB"], *([str(p.probes), f"{p.rss_mb:.2f}"] for p in points)]))
    print(f"{options.probes / elapsed_s:.0f} probes/s; grown by {grown:.2f} MB since the first tenth")
    if options.json:
        figures = {"growth_mb": grown, "points": [vars(point) for point in points]}
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    if grown > MOST_GROWTH_MB:
        print(f"MISSED grown by {grown:.2f} MB, more than {MOST_GROWTH_MB}", file=sys.stderr)
        return 1
    return 0
