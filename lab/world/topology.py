"""The lab's world: its places and the wires between them."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from host.errors import UsageError
from world.geography import slug


@dataclass(frozen=True)
class Place:
    """A router, an agent or the collector, and perhaps an edge; coordinates in degrees."""

    name: str
    slug: str
    country: str
    latitude: float
    longitude: float
    access_ms: float
    edge: str | None
    agent: bool
    collector: bool


@dataclass(frozen=True)
class Wire:
    """A cable between the routers of two places, given by their slugs; the delay is one-way."""

    a: str
    b: str
    delay_ms: float
    factor: float | None
    source: str

    @property
    def name(self) -> str:
        """The two ends in the order of the file: `new-york~los-angeles`."""
        return f"{self.a}~{self.b}"

    def other_end(self, end: str) -> str:
        """Where the wire leads from one of its ends."""
        return self.b if end == self.a else self.a


@dataclass(frozen=True)
class Topology:
    """All places and wires, in the order of the file; one built by `load_topology` is connected."""

    places: tuple[Place, ...]
    wires: tuple[Wire, ...]

    @property
    def cities(self) -> tuple[Place, ...]:
        """The places with an agent."""
        return tuple(place for place in self.places if place.agent)

    @property
    def edges(self) -> dict[str, Place]:
        """Each edge with the place beside whose router it stands."""
        return {place.edge: place for place in self.places if place.edge is not None}

    @property
    def collector(self) -> Place:
        """The place of the collector."""
        return next(place for place in self.places if place.collector)

    def place(self, wanted: str) -> Place:
        """The place with exactly this slug."""
        return {place.slug: place for place in self.places}[wanted]

    def wires_at(self, end: str) -> tuple[Wire, ...]:
        """The wires that end in the place with this slug."""
        return tuple(wire for wire in self.wires if end in (wire.a, wire.b))

    def find_place(self, text: str) -> Place:
        """The place meant by a name or an id, whatever its case and accents."""
        return find_among(self.places, text, "place")

    def find_city(self, text: str) -> Place:
        """The same among the places with an agent."""
        return find_among(self.cities, text, "city")

    def find_edge(self, name: str) -> Place:
        """The place of the edge with this name, whatever its case."""
        if place := self.edges.get(name.lower()):
            return place
        raise UsageError(f'there is no edge "{name}"; there are {", ".join(self.edges)}')

    def find_wire(self, a: str, b: str) -> Wire:
        """The wire between two places, each meant by a name or an id, in either order."""
        start, end = self.find_place(a), self.find_place(b)
        neighbours = {wire.other_end(start.slug): wire for wire in self.wires_at(start.slug)}
        if wire := neighbours.get(end.slug):
            return wire
        names = ", ".join(self.place(neighbour).name for neighbour in neighbours)
        raise UsageError(
            f"there is no wire between {start.name} and {end.name};"
            f" {start.name} has wires to {names}"
        )


def find_among(places: Collection[Place], text: str, kind: str) -> Place:
    """The one that is meant; else a UsageError that lists them."""
    for place in places:
        if place.slug == slug(text):
            return place
    names = ", ".join(place.name for place in places)
    raise UsageError(f'there is no {kind} "{text}"; there are {names}')


def to_document(topology: Topology) -> dict[str, Any]:
    """As JSON can carry it."""
    return asdict(topology)


def from_document(document: dict[str, Any]) -> Topology:
    """The way back; for what to_document() gave, not for what people wrote."""
    places = tuple(Place(**place) for place in document["places"])
    return Topology(places, tuple(Wire(**wire) for wire in document["wires"]))
