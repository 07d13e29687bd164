"""The command line of lab/labctl."""

import argparse
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from anycast import fetching, launch, tables
from anycast.addresses import Plan
from anycast.namespaces import enter_holder, enter_network
from anycast.state import StateFolder
from host.command_line import (
    EXIT_FAILED,
    EXIT_INTERRUPTED,
    EXIT_NOT_HERE,
    EXIT_USAGE,
    split_command,
)
from host.errors import DemoError, UsageError, sentence
from host.folder import REPOSITORY, VAR
from world.geography import slug
from world.topology import Topology
from world.topology_file import TOPOLOGY_FILE, load_topology

BUILD_DIR = REPOSITORY / "build" / "dev"
STATE_DIR = VAR / "lab"

# Longer than a silent death takes without BFD: the hold timer and a second.
AGREEMENT_LIMIT_S = 15.0
POLL_S = 0.02

DURATION_UNITS_S = {"s": 1, "m": 60, "h": 3600}


def main(arguments: Sequence[str]) -> int:
    """Runs one verb and returns the exit status."""
    try:
        signal.signal(signal.SIGTERM, interrupt)
        own, command = split_command(arguments)
        options = parser().parse_args(own)
        if command and options.verb != "exec":
            raise UsageError(f"{options.verb} takes no command after --")
        return VERBS[options.verb](Control(options), options, command) or 0
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except (DemoError, OSError) as error:
        print(f"labctl: {sentence(error)}", file=sys.stderr)
        return EXIT_USAGE if isinstance(error, UsageError) else EXIT_FAILED


def interrupt(_signum: int, _frame: FrameType | None) -> None:
    """SIGTERM is Ctrl-C: what was begun is undone on the way out."""
    raise KeyboardInterrupt


class Control:
    """A lab from outside."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.state = StateFolder(options.state_dir)
        self._topology_file: Path = options.topology

    @property
    def topology(self) -> Topology:
        """The topology that the lab was made from."""
        return load_topology(self._topology_file)

    def wait_for_agreement(self) -> tuple[dict[str, Any], float]:
        """Polls until every city's router chose what it should; the last look, and how long."""
        began = time.monotonic()
        while True:
            look = self.state.request("agreement")
            took = time.monotonic() - began
            if look["right"] == look["of"] or took > AGREEMENT_LIMIT_S:
                return look, took
            time.sleep(POLL_S)

    def enter(self, node: str | None = None) -> None:
        """Goes into the lab, for good; into a node's network if one is named."""
        pid = self.state.holder
        if pid is None:
            raise UsageError("no lab is up; labctl up starts one")
        enter_holder(pid)
        if node is not None:
            enter_network(self.state.inside / "namespaces" / node)


def possible(_control: Control, _options: argparse.Namespace, _command: Sequence[str]) -> int:
    """Whether a lab could run here, and why not."""
    reason = launch.obstacle()
    print(reason or "a lab can run here")
    return EXIT_NOT_HERE if reason else 0


def up(control: Control, options: argparse.Namespace, _command: Sequence[str]) -> None:
    """Builds the lab."""
    began = time.monotonic()
    launch.launch(
        control.state,
        launch.holder_arguments(
            control.topology,
            options.build_dir,
            control.state,
            options.ttl,
            bfd=not options.no_bfd,
            health=not options.no_health,
            wire=options.wire,
        ),
    )
    look = control.state.request("agreement")
    status = control.state.request("status")
    print(
        f"up after {time.monotonic() - began:.1f} s: {look['right']} of {look['of']} choices"
        f" (cities, IPv4 and IPv6) are the nearest edge; wires by the {status['wires']['kind']}"
    )


def down(control: Control, _options: argparse.Namespace, _command: Sequence[str]) -> int:
    """Takes everything away."""
    was_up = control.state.holder is not None
    if not launch.take_down(control.state):
        raise UsageError("no lab is up")
    print("down" if was_up else "removed what a crashed lab had left")
    return 0


def status(control: Control, options: argparse.Namespace, _command: Sequence[str]) -> None:
    """Who stands where."""
    document = control.state.request("status")
    computed = tables.computed_ms(document, control.topology)
    for city, rtt_ms in computed.items():
        document["cities"][city]["computed_ms"] = rtt_ms
    print(json.dumps(document, indent=1) if options.json else tables.status_table(document))


def stats(control: Control, options: argparse.Namespace, _command: Sequence[str]) -> None:
    """What went through the wires, and what did not."""
    document = control.state.request("stats")
    if not options.all:
        document["wires"] = tables.with_traffic(document["wires"])
    print(json.dumps(document, indent=1) if options.json else tables.stats_table(document))


def change(control: Control, options: argparse.Namespace, _command: Sequence[str]) -> int:
    """cut, kill, drain, revive: then waits until the routers agree, and says who moved."""
    before = control.state.request("agreement")["edges"]
    extra = {"web_only": options.only == "web"} if options.verb == "kill" else {}
    control.state.request(options.verb, name=options.edge, **extra)
    look, took = control.wait_for_agreement()
    for line in tables.moves(before, look["edges"]):
        print(line)
    return report(options.verb, options.edge, look, took)


def report(verb: str, what: str, look: dict[str, Any], took: float) -> int:
    """One line about the routers; 1 when they never agreed."""
    if look["right"] == look["of"]:
        print(f"{verb} {what}: all routers agree after {took:.2f} s")
        return 0
    print(f"{verb} {what}: after {took:.0f} s still wrong: {'; '.join(look['wrong'])}")
    return EXIT_FAILED


def link(control: Control, options: argparse.Namespace, _command: Sequence[str]) -> int:
    """Changes a wire and says how it is now; down or up, also whether the routers agree."""
    wanted = {
        "delay_ms": options.delay,
        "loss_percent": options.loss,
        "jitter_ms": options.jitter,
        "rate_mbit": options.rate,
        "up": options.up,
    }
    if all(value is None for value in wanted.values()):
        raise UsageError("link needs --delay, --loss, --jitter, --rate, --down or --up")
    after = control.state.request("link", a=options.a, b=options.b, **wanted)
    print(tables.condition_line(options.a, options.b, after))
    if options.up is None:
        return 0
    look, took = control.wait_for_agreement()
    return report("link", f"{options.a} {options.b}", look, took)


def health(control: Control, options: argparse.Namespace, _command: Sequence[str]) -> None:
    """Turns the edges' health checks on or off."""
    control.state.request("health", on=options.switch == "on")
    print(f"the edges' health checks are {options.switch}")


def get(control: Control, options: argparse.Namespace, _command: Sequence[str]) -> int:
    """Asks the anycast address from one city."""
    city = control.topology.find_place(options.city)
    control.enter(city.slug)
    context = fetching.trusting(control.state.tls / "ca.pem")
    visit = fetching.visit(context, 6 if options.ipv6 else 4)
    print(tables.visit_lines(city.name, visit))
    return 0 if visit.failure is None else EXIT_FAILED


def table(control: Control, options: argparse.Namespace, _command: Sequence[str]) -> int:
    """Asks from all cities at once."""
    cities = control.topology.cities
    control.enter()
    visits = fetching.visit_from_all(
        control.state.inside / "namespaces",
        [city.slug for city in cities],
        fetching.trusting(control.state.tls / "ca.pem"),
        6 if options.ipv6 else 4,
    )
    print(tables.visits_table([city.name for city in cities], visits))
    return EXIT_FAILED if any(visit.failure for visit in visits) else 0


def execute(control: Control, options: argparse.Namespace, command: Sequence[str]) -> int:
    """Becomes a command in a node's network."""
    if not command:
        raise UsageError("exec needs a command: labctl exec CITY -- CMD")
    node = find_node(control.topology, options.node)
    control.enter(node)
    if shutil.which(command[0]) is None:
        raise UsageError(f"there is no command {command[0]}")
    ca = str(control.state.tls / "ca.pem")
    os.execvpe(command[0], list(command), {**os.environ, "CURL_CA_BUNDLE": ca, "SSL_CERT_FILE": ca})


def find_node(topology: Topology, text: str) -> str:
    """A city, an edge, or router-CITY, whatever its case and accents."""
    if slug(text) in Plan(topology).nodes:
        return slug(text)
    places = ", ".join(place.name for place in topology.places)
    raise UsageError(
        f'there is no node "{text}"; there are the cities {places}, the edges'
        f" {', '.join(topology.edges)}, and router-CITY in each city"
    )


VERBS: dict[str, Callable[[Control, argparse.Namespace, Sequence[str]], int | None]] = {
    "possible": possible,
    "up": up,
    "down": down,
    "status": status,
    "stats": stats,
    "cut": change,
    "kill": change,
    "drain": change,
    "revive": change,
    "link": link,
    "health": health,
    "get": get,
    "table": table,
    "exec": execute,
}


def duration_s(text: str) -> float:
    """`90s`, `30m`, `2h`; a bare number is seconds."""
    number, unit = (text[:-1], text[-1]) if text[-1:] in DURATION_UNITS_S else (text, "s")
    try:
        seconds = float(number) * DURATION_UNITS_S[unit]
    except ValueError:
        seconds = -1
    if not 0 < seconds <= 7 * 24 * 3600:
        raise argparse.ArgumentTypeError(f"{text} is not a time such as 30m or 2h, a week at most")
    return seconds


def parser() -> argparse.ArgumentParser:
    """The options of all verbs."""
    top = argparse.ArgumentParser(prog="labctl", description=__doc__)
    top.add_argument(
        "--state-dir", type=Path, default=STATE_DIR, metavar="DIR", help="by which a lab is found"
    )
    top.add_argument("--topology", type=Path, default=TOPOLOGY_FILE, metavar="FILE")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")

    verbs.add_parser("possible", help="whether a lab can run here; says what is missing")
    add = verbs.add_parser("up", help="build the lab; ready when every city has its nearest edge")
    add.add_argument("--no-bfd", action="store_true", help="a silent death shows by the hold timer")
    add.add_argument("--no-health", action="store_true", help="a dead web server is a black hole")
    add.add_argument("--wire", choices=("auto", "netem", "daemon"), default="auto")
    add.add_argument("--ttl", type=duration_s, default="2h", metavar="TIME", help="goes down then")
    add.add_argument("--build-dir", type=Path, default=BUILD_DIR, metavar="DIR")

    verbs.add_parser("down", help="take it away; leaves nothing")
    add = verbs.add_parser("status", help="cities, edges, wires, memory")
    add.add_argument("--json", action="store_true")
    add = verbs.add_parser("stats", help="what went through the wires, lost and late packets")
    add.add_argument("--all", action="store_true", help="wires without traffic as well")
    add.add_argument("--json", action="store_true")
    for verb, text in (
        ("cut", "silent power loss of an edge"),
        ("kill", "shoot an edge's processes"),
        ("drain", "withdraw an edge gracefully"),
        ("revive", "bring an edge back"),
    ):
        add = verbs.add_parser(verb, help=text)
        add.add_argument("edge", metavar="EDGE")
        if verb == "kill":
            add.add_argument("--only", choices=("web",), help="the web server alone")

    add = verbs.add_parser("link", help="change a wire: CITY CITY, EDGE uplink, or CITY access")
    add.add_argument("a", metavar="A")
    add.add_argument("b", metavar="B")
    add.add_argument("--delay", type=float, metavar="MS", help="one way")
    add.add_argument("--jitter", type=float, metavar="MS", help="added or taken, at most")
    add.add_argument("--loss", type=float, metavar="PERCENT", help="each way")
    add.add_argument("--rate", type=float, metavar="MBIT", help="0: unlimited")
    state = add.add_mutually_exclusive_group()
    state.add_argument("--down", dest="up", action="store_false", default=None)
    state.add_argument("--up", dest="up", action="store_true", default=None)

    add = verbs.add_parser("health", help="turn the edges' health checks on or off")
    add.add_argument("switch", choices=("on", "off"))
    for verb, text in (("get", "ask from a city"), ("table", "ask from all cities at once")):
        add = verbs.add_parser(verb, help=text)
        if verb == "get":
            add.add_argument("city", metavar="CITY")
        add.add_argument("-6", dest="ipv6", action="store_true")
    add = verbs.add_parser("exec", help="run a command in a city, an edge or router-CITY")
    add.add_argument("node", metavar="NODE")
    return top
