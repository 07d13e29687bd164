"""Who has which address, name and interface in the lab. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from world.geography import HOST
from world.topology import Place, Topology

ANYCAST_NETWORK4 = "198.51.100.0/24"  # TEST-NET-2, RFC 5737
ANYCAST_NETWORK6 = "2001:db8:51::/48"  # RFC 3849
SERVICE4, SERVICE6 = "198.51.100.1", "2001:db8:51::1"
RESOLVER4, RESOLVER6 = "198.51.100.53", "2001:db8:51::53"
WHOAMI = "whoami." + HOST

TRANSIT_AS = 64500
EDGE_AS = 64600

WIRE_ROOM = "wire"

# An edge stands beside its router; the cable is there so that it can be cut.
UPLINK_MS = 0.0


@dataclass(frozen=True)
class End:
    """One end of a cable: an interface of a node, with its addresses; None: link-local only."""

    node: str
    interface: str
    mac: str
    address4: str
    address6: str | None

    @property
    def link_local(self) -> str:
        """The IPv6 address that the kernel makes from the MAC (modified EUI-64)."""
        octets = [int(octet, 16) for octet in self.mac.split(":")]
        octets[0] ^= 2
        words = [*octets[:3], 0xFF, 0xFE, *octets[3:]]
        pairs = [f"{words[i] << 8 | words[i + 1]:x}" for i in range(0, 8, 2)]
        return "fe80::" + ":".join(pairs)


@dataclass(frozen=True)
class Cable:
    """A point-to-point link as it is built: a backbone wire, an access line or an edge's uplink."""

    number: int
    name: str
    a: End
    b: End
    delay_ms: float

    @property
    def room_ends(self) -> tuple[str, str]:
        """The two interfaces in the wire room, towards a and towards b."""
        return f"w{self.number}a", f"w{self.number}b"


def router(place: Place) -> str:
    """The name of a place's router."""
    return f"router-{place.slug}"


class Plan:
    """All nodes and cables of a topology."""

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self._index = {place.slug: number for number, place in enumerate(topology.places)}

    @cached_property
    def nodes(self) -> list[str]:
        """Each place's router and host, each edge."""
        routers = [router(place) for place in self.topology.places]
        return [*routers, *self.hosts, *self.topology.edges]

    @property
    def hosts(self) -> list[str]:
        """The hosts behind the routers: fourteen cities and the collector's place."""
        return [place.slug for place in self.topology.places]

    def loopback4(self, place: Place) -> str:
        """The address by which the routers know each other."""
        return f"10.255.0.{self._index[place.slug] + 1}"

    def loopback6(self, place: Place) -> str:
        """The same for IPv6."""
        return f"fd00:ffff::{self._index[place.slug] + 1:x}"

    def networks4(self, place: Place) -> list[str]:
        """What the other routers reach through this place's router."""
        number = self._index[place.slug]
        networks = [f"{self.loopback4(place)}/32", f"10.100.{number}.0/30"]
        return networks + ([f"10.200.{number}.0/30"] if place.edge else [])

    def networks6(self, place: Place) -> list[str]:
        """The same for IPv6."""
        number = self._index[place.slug]
        networks = [f"{self.loopback6(place)}/128", f"fd00:100:{number:x}::/64"]
        return networks + ([f"fd00:200:{number:x}::/64"] if place.edge else [])

    def host4(self, place: Place) -> str:
        """The address of the host behind a place's router."""
        return f"10.100.{self._index[place.slug]}.2"

    @cached_property
    def cables(self) -> list[Cable]:
        """Backbone, access lines, uplinks; in this order."""
        made: list[Cable] = []

        def lay(
            name: str,
            a: tuple[str, str],
            b: tuple[str, str],
            addresses: Sequence[tuple[str, str | None]],
            delay_ms: float,
        ) -> None:
            number = len(made)
            ends = [
                End(node, interface, f"02:fb:00:00:{number:02x}:{side:02x}", *pair)
                for side, ((node, interface), pair) in enumerate(zip((a, b), addresses), start=1)
            ]
            made.append(Cable(number, name, ends[0], ends[1], delay_ms))

        place = self.topology.place
        for wire in self.topology.wires:
            a, b = place(wire.a), place(wire.b)
            near, far = (router(a), f"b-{b.slug}"[:15]), (router(b), f"b-{a.slug}"[:15])
            net = f"10.254.{len(made)}"
            lay(wire.name, near, far, [(f"{net}.0/31", None), (f"{net}.1/31", None)], wire.delay_ms)
        for host in self.topology.places:
            pairs = self._pairs("100", host)
            near = (router(host), "acc")
            lay(access_name(host), near, (host.slug, "wan"), pairs, host.access_ms)
        for edge, city in self.topology.edges.items():
            pairs = self._pairs("200", city)
            near = (router(city), "edge")
            lay(uplink_name(edge), near, (edge, "wan"), pairs, UPLINK_MS)
        return made

    def cable(self, name: str) -> Cable:
        """The cable of this name."""
        return next(cable for cable in self.cables if cable.name == name)

    def _pairs(self, kind: str, place: Place) -> list[tuple[str, str | None]]:
        number = self._index[place.slug]
        return [
            (f"10.{kind}.{number}.{side}/30", f"fd00:{kind}:{number:x}::{side}/64")
            for side in (1, 2)
        ]


def access_name(place: Place) -> str:
    """The line between a place's router and its host."""
    return f"access~{place.slug}"


def uplink_name(edge: str) -> str:
    """The line between an edge and its city's router."""
    return f"uplink~{edge}"
