"""BIRD: its configurations, and a client for its control socket."""

import re
import socket
from dataclasses import dataclass
from pathlib import Path

from anycast.addresses import (
    ANYCAST_NETWORK4,
    ANYCAST_NETWORK6,
    EDGE_AS,
    TRANSIT_AS,
    Cable,
    Plan,
    router,
    uplink_name,
)
from anycast.cabling import bare
from host.templates import render
from world import paths
from world.topology import Place

HOLD_S, KEEPALIVE_S = 9, 3
REPLY_LIMIT_S = 2.0

# "198.51.100.0/24  unicast [core_london 12:00:01.123] * (100/520) [AS64600i]"; what cannot be reached
# is still in the table, as "unreachable".
CHOSEN = re.compile(r"unicast \[(?P<kind>edge|core)_(?P<name>\w+) ")


class BirdError(Exception):
    """BIRD did not answer, or said no."""


def protocol_name(kind: str, name: str) -> str:
    """BIRD's names have no dashes."""
    return f"{kind}_{name.replace('-', '_')}"


@dataclass(frozen=True)
class Bird:
    """A running BIRD's control socket; as a folder and a name, because its path may be too long."""

    folder: Path

    def ask(self, command: str) -> list[str]:
        """The text of the reply's lines."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(REPLY_LIMIT_S)
                connection.connect(str(self.folder / "bird.ctl"))
                with connection.makefile("r", encoding="utf-8", errors="replace") as reader:
                    read_reply(reader)  # its greeting
                    connection.sendall(f"{command}\n".encode())
                    return read_reply(reader)
        except OSError as error:
            raise BirdError(f"BIRD in {self.folder.name} does not answer: {error}") from error


def read_reply(reader: object) -> list[str]:
    """Lines up to the one whose code is followed by a space; codes from 8000 on are errors."""
    lines = []
    for line in reader:  # type: ignore[attr-defined]
        text = line.rstrip("\n")
        code = text[:4]
        # A continuation of the same code begins with a space.
        lines.append(text[5:] if code.isdigit() else text[1:])
        if code.isdigit() and text[4:5] == " ":
            if code >= "8000":
                raise BirdError(lines[-1])
            return lines
    raise BirdError("BIRD hung up")


def chosen_protocol(reply: list[str]) -> tuple[str, str] | None:
    """From `show route primary`: ("edge", its name) or ("core", the router's); None without one."""
    for line in reply:
        if found := CHOSEN.search(line):
            return found["kind"], found["name"].replace("_", "-")
    return None


def router_config(plan: Plan, place: Place, bfd: bool, down: frozenset[str]) -> str:
    """The whole configuration of one router; `down` are wires that its IGP knows to be down."""
    metrics = paths.metrics(plan.topology, down)[place.slug]
    hops = paths.next_hops(plan.topology, down)[place.slug]
    igp4, igp6, sessions = [], [], []
    for other in plan.topology.places:
        if other == place:
            continue
        # Two routers without an edge have nothing to tell each other.
        if place.edge or other.edge:
            sessions.append(
                render(
                    "bird-core-session.conf",
                    name=protocol_name("core", other.slug),
                    neighbor=plan.loopback4(other),
                    transit_as=TRANSIT_AS,
                )
            )
        if other.slug not in hops:
            continue
        via4, via6 = next_hop(plan, place, hops[other.slug])
        attributes = f"{{ igp_metric = {metrics[other.slug]}; }}"
        igp4 += [f"    route {net} via {via4} {attributes};" for net in plan.networks4(other)]
        igp6 += [f"    route {net} via {via6} {attributes};" for net in plan.networks6(other)]
    if place.edge:
        uplink = plan.cable(uplink_name(place.edge))
        sessions.append(
            render(
                "bird-edge-session.conf",
                name=protocol_name("edge", place.edge),
                local=bare(uplink.a.address4),
                neighbor=bare(uplink.b.address4),
                transit_as=TRANSIT_AS,
                edge_as=EDGE_AS,
                hold_s=HOLD_S,
                keepalive_s=KEEPALIVE_S,
                bfd="on" if bfd else "off",
            )
        )
    return render(
        "bird-router.conf",
        city=place.name,
        log="bird.log",
        loopback4=plan.loopback4(place),
        loopback6=plan.loopback6(place),
        anycast4=ANYCAST_NETWORK4,
        anycast6=ANYCAST_NETWORK6,
        transit_as=TRANSIT_AS,
        igp4="\n".join(igp4),
        igp6="\n".join(igp6),
        sessions="".join(sessions),
    )


def next_hop(plan: Plan, place: Place, neighbor: str) -> tuple[str, str]:
    """How BIRD is told to reach the neighbouring router: by IPv4, by IPv6."""
    cable = backbone(plan, place, neighbor)
    here, there = (cable.a, cable.b) if cable.a.node == router(place) else (cable.b, cable.a)
    return bare(there.address4), f"{there.link_local}%'{here.interface}'"


def backbone(plan: Plan, place: Place, neighbor: str) -> Cable:
    """The wire between two neighbouring places."""
    return plan.cable(plan.topology.find_wire(place.slug, neighbor).name)


def edge_config(plan: Plan, edge: str, bfd: bool) -> str:
    """The whole configuration of one edge."""
    uplink = plan.cable(uplink_name(edge))
    return render(
        "bird-edge.conf",
        edge=edge,
        log="bird.log",
        local=bare(uplink.b.address4),
        neighbor=bare(uplink.a.address4),
        anycast4=ANYCAST_NETWORK4,
        anycast6=ANYCAST_NETWORK6,
        edge_as=EDGE_AS,
        transit_as=TRANSIT_AS,
        hold_s=HOLD_S,
        keepalive_s=KEEPALIVE_S,
        bfd="on" if bfd else "off",
    )
