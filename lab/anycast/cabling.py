"""Lays the cables: interfaces, addresses, neighbours and default routes, by `ip -batch`."""

import subprocess
from collections import defaultdict
from pathlib import Path

from anycast.addresses import (
    RESOLVER4,
    RESOLVER6,
    SERVICE4,
    SERVICE6,
    WIRE_ROOM,
    Cable,
    End,
    Plan,
    router,
)
from anycast.namespaces import Namespaces
from host.errors import DemoError
from host.programs import installed

# A router forwards; nothing here waits for duplicate addresses, which would take a second or two.
SETTINGS = {
    "net/ipv4/ip_forward": "1",
    "net/ipv4/conf/all/rp_filter": "0",
    "net/ipv4/conf/default/rp_filter": "0",
    "net/ipv6/conf/all/forwarding": "1",
    "net/ipv6/conf/default/accept_dad": "0",
    "net/ipv6/conf/default/dad_transmits": "0",
    "net/ipv6/conf/default/router_solicitations": "0",
}


class Batch:
    """Commands for `ip`, collected per namespace and run in one process for each."""

    def __init__(self, namespaces: Namespaces) -> None:
        self._namespaces = namespaces
        self._lines: defaultdict[str, list[str]] = defaultdict(list)

    def add(self, node: str, *lines: str) -> None:
        """Notes commands for a node."""
        self._lines[node] += lines

    def run(self) -> None:
        """Runs everything that was noted, in no particular order of the nodes."""
        for node, lines in self._lines.items():
            with self._namespaces.entered(node):
                run_ip(lines, node)
        self._lines.clear()


def run_ip(lines: list[str], where: str) -> None:
    """One `ip -batch`; raises with what it said."""
    done = subprocess.run(
        [installed("ip"), "-batch", "-"],
        input="\n".join(lines) + "\n",
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    if done.returncode != 0:
        raise DemoError(f"ip failed in {where}: {done.stderr.strip()}")


def configure(namespaces: Namespaces) -> None:
    """Forwarding on, duplicate address detection off, in every namespace."""
    for name in namespaces.names:
        with namespaces.entered(name):
            for key, value in SETTINGS.items():
                Path("/proc/sys", key).write_text(value, encoding="ascii")


def lay(plan: Plan, namespaces: Namespaces, through_wire_room: bool) -> None:
    """Makes all cables; through the wire room, where a daemon delays, or directly (netem)."""
    batch = Batch(namespaces)
    for cable in plan.cables:
        make = through_room if through_wire_room else direct
        batch.add(WIRE_ROOM, *make(cable, namespaces))
    batch.run()
    for node in plan.nodes:
        batch.add(node, "link set lo up")
    for cable in plan.cables:
        set_up(batch, cable.a, cable.b)
        set_up(batch, cable.b, cable.a)
        if through_wire_room:
            for interface in cable.room_ends:
                batch.add(WIRE_ROOM, f"link set {interface} up")
    for place in plan.topology.places:
        batch.add(router(place), f"addr add {plan.loopback4(place)}/32 dev lo")
        batch.add(router(place), f"addr add {plan.loopback6(place)}/128 dev lo")
    for node in [*plan.hosts, *plan.topology.edges]:
        cable = next(cable for cable in plan.cables if cable.b.node == node)
        via4, via6 = bare(cable.a.address4), bare(cable.a.address6 or "")
        batch.add(node, f"route add default via {via4}", f"route add ::/0 via {via6} dev wan")
    for edge in plan.topology.edges:
        for address in (f"{SERVICE4}/32", f"{RESOLVER4}/32", f"{SERVICE6}/128", f"{RESOLVER6}/128"):
            batch.add(edge, f"addr add {address} dev lo")
    batch.run()


def set_up(batch: Batch, end: End, other: End) -> None:
    """Addresses of one end, and the other end's as permanent neighbours.

    Otherwise the first packet after a pause would pay for an address resolution across the delay.
    """
    dev = end.interface
    batch.add(end.node, f"addr add {end.address4} dev {dev}")
    if end.address6:
        batch.add(end.node, f"addr add {end.address6} dev {dev} nodad")
    batch.add(end.node, f"link set {dev} up")
    for address in (bare(other.address4), other.address6 and bare(other.address6), other.link_local):
        if address:
            line = f"neigh replace {address} lladdr {other.mac} dev {dev} nud permanent"
            batch.add(end.node, line)


def through_room(cable: Cable, namespaces: Namespaces) -> list[str]:
    """Two pairs that meet in the wire room, where we are."""
    room = namespaces.path(WIRE_ROOM)
    return [
        f"link add {end.interface} address {end.mac} netns {namespaces.path(end.node)}"
        f" type veth peer name {interface} netns {room}"
        for end, interface in zip((cable.a, cable.b), cable.room_ends)
    ]


def direct(cable: Cable, namespaces: Namespaces) -> list[str]:
    """One pair from node to node."""
    a, b = cable.a, cable.b
    return [
        f"link add {a.interface} address {a.mac} netns {namespaces.path(a.node)}"
        f" type veth peer name {b.interface} address {b.mac} netns {namespaces.path(b.node)}"
    ]


def bare(address: str) -> str:
    """An address without its prefix length."""
    return address.partition("/")[0]
