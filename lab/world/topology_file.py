"""Reads a topology from a TOML file and checks it."""

import re
import tomllib
from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from host.errors import UsageError
from world.geography import slug
from world.topology import Place, Topology, Wire

TOPOLOGY_FILE = Path(__file__).parent.parent / "topology.toml"

# The source that comes with a factor, because the delay follows from both.
GREAT_CIRCLE = "great circle"

MAX_DELAY_MS = 1000

# Ids become names of files, namespaces and wires; `~` must not occur in them.
ID = re.compile("[a-z0-9]+(-[a-z0-9]+)*")
EDGE = re.compile("[a-z0-9]+")
COUNTRY = re.compile("[A-Z]{2}")

# A place's host, its router, the edges and these share one space of names.
OF_THE_LAB = ("wire", "access", "uplink")

# An interface has 15 characters at most; the one towards a neighbour is called `b-` and its id.
ID_IN_INTERFACE = 13

# A place, and a cable, have a number that becomes one byte of an address.
MAX_PLACES = 200
MAX_CABLES = 250


def load_topology(path: Path) -> Topology:
    """The topology that a file describes; a mistake in it is a UsageError that says where it is."""
    try:
        with path.open("rb") as file:
            document = tomllib.load(file)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: is not TOML: {error}") from error
    return topology_of(Entry(str(path), "", document))


@dataclass(frozen=True)
class Entry:
    """One table of the file, with what is needed to name it in a complaint."""

    file: str
    label: str
    table: dict[str, Any]

    def wrong(self, complaint: str) -> UsageError:
        """The sentence that the user reads about this entry."""
        where = f"{self.file}, {self.label}" if self.label else self.file
        return UsageError(printable(f"{where}: {complaint}"))

    def check_keys(self, required: Collection[str], optional: Collection[str] = ()) -> None:
        """All required keys must be there, and none that means nothing."""
        for key in self.table:
            if key not in required and key not in optional:
                known = ", ".join((*required, *optional))
                raise self.wrong(f'unknown key "{key}"; the known ones are {known}')
        for key in required:
            if key not in self.table:
                raise self.wrong(f"{key} is missing")

    def text(self, key: str) -> str:
        """A string with something in it."""
        value = self.table[key]
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(f"{key} must be a string that is not empty, not {value!r}")
        return value

    def plain_text(self, key: str) -> str:
        """One that goes into configuration files: no line ends, nothing that cannot be seen."""
        value = self.text(key)
        if not value.isprintable():
            raise self.wrong(f"{key} must have no control characters, not {value!r}")
        return value

    def number(self, key: str) -> float:
        """A number; TOML's `true` is none."""
        value = self.table[key]
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(f"{key} must be a number, not {value!r}")
        return float(value)

    def number_between(self, key: str, low: int, high: int) -> float:
        """A number within bounds that both belong to it."""
        value = self.number(key)
        if not low <= value <= high:
            raise self.wrong(f"{key} must be between {low} and {high}, not {self.table[key]}")
        return value

    def delay(self, key: str) -> float:
        """A one-way delay in milliseconds; there is no wire without one."""
        value = self.number(key)
        if not 0 < value <= MAX_DELAY_MS:
            raise self.wrong(
                f"{key} must be above 0 and at most {MAX_DELAY_MS}, not {self.table[key]}"
            )
        return value

    def entries(self, key: str, singular: str) -> list["Entry"]:
        """The tables of an array; each is known by its number until it is known by its name."""
        value = self.table[key]
        if not isinstance(value, list) or not all(isinstance(table, dict) for table in value):
            raise self.wrong(f"{key} must be an array of tables")
        return [
            Entry(self.file, label_of(f"{singular} {number}", table), table)
            for number, table in enumerate(value, start=1)
        ]


def printable(message: str) -> str:
    """Stays one line on a terminal, whatever characters it quotes from the file."""
    return "".join(
        letter if letter.isprintable() else ascii(letter).strip("'") for letter in message
    )


def label_of(position: str, table: dict[str, Any]) -> str:
    """`place 3 (Amsterdam)` or `wire 1 (new-york~los-angeles)`, as far as the entry says it."""
    match table:
        case {"name": str(name)}:
            return f"{position} ({name})"
        case {"between": [str(a), str(b)]}:
            return f"{position} ({a}~{b})"
    return position


def topology_of(document: Entry) -> Topology:
    """The whole file: first each entry by itself, then what must hold between them."""
    document.check_keys(("places", "wires"))

    place_entries = document.entries("places", "place")
    places = tuple(place_of(entry) for entry in place_entries)
    check_places(document, place_entries, places)

    slugs = [place.slug for place in places]
    wire_entries = document.entries("wires", "wire")
    wires = tuple(wire_of(entry, slugs) for entry in wire_entries)
    check_different("between", zip(wire_entries, (frozenset((w.a, w.b)) for w in wires)))
    check_interfaces(wire_entries, wires)

    topology = Topology(places, wires)
    check_size(document, topology)
    reached = reachable(topology, slugs[0])
    for entry, place in zip(place_entries, places):
        if place.slug not in reached:
            raise entry.wrong(f"no wires lead there from {places[0].name}")
    return topology


def check_places(document: Entry, entries: Sequence[Entry], places: Sequence[Place]) -> None:
    """Each has names of its own, and together they have what a lab needs."""
    check_different("name", zip(entries, (place.slug for place in places)))
    with_edge = [(entry, place.edge) for entry, place in zip(entries, places) if place.edge]
    check_different("edge", with_edge)
    check_names(entries, places)
    if not with_edge:
        raise document.wrong("no place has an edge")
    collectors = [place.name for place in places if place.collector]
    if len(collectors) != 1:
        raise document.wrong(
            'exactly one place must have the role "collector",'
            f" but these have it: {', '.join(collectors) or 'none'}"
        )
    if not any(place.agent for place in places):
        raise document.wrong('no place has the role "agent"')


def check_names(entries: Sequence[Entry], places: Sequence[Place]) -> None:
    """No place may have the name of another node, because each node has a file of its name."""
    taken = {name: "which the lab itself uses" for name in OF_THE_LAB}
    for entry, place in zip(entries, places):
        if place.edge in OF_THE_LAB:
            raise entry.wrong(f'edge must not be "{place.edge}", which the lab itself uses')
        taken[f"router-{place.slug}"] = f"as the router of {entry.label} is called"
        if place.edge:
            taken[place.edge] = f"as the edge of {entry.label} is called"
    for entry, place in zip(entries, places):
        if place.slug in taken:
            raise entry.wrong(f'name makes the id "{place.slug}", {taken[place.slug]}')


def check_interfaces(entries: Sequence[Entry], wires: Sequence[Wire]) -> None:
    """A router's interfaces are named after its neighbours, and cut off after some letters."""
    towards: dict[tuple[str, str], str] = {}
    for entry, wire in zip(entries, wires):
        for here in (wire.a, wire.b):
            there = wire.other_end(here)
            other = towards.setdefault((here, there[:ID_IN_INTERFACE]), there)
            if other != there:
                raise entry.wrong(
                    f'between leads from "{here}" to "{there}", and another wire to "{other}":'
                    f" the first {ID_IN_INTERFACE} letters of a router's neighbours must differ"
                )


def check_size(document: Entry, topology: Topology) -> None:
    """What is numbered must fit into a byte."""
    if len(topology.places) > MAX_PLACES:
        raise document.wrong(f"places has {len(topology.places)}, above the limit of {MAX_PLACES}")
    cables = len(topology.wires) + len(topology.places) + len(topology.edges)
    if cables > MAX_CABLES:
        raise document.wrong(
            f"wires has {len(topology.wires)}, which with a cable for each place and each edge"
            f" makes {cables}, above the limit of {MAX_CABLES}"
        )


def place_of(entry: Entry) -> Place:
    """A line of `places`."""
    entry.check_keys(("name", "country", "latitude", "longitude", "access_ms"), ("edge", "role"))
    name = entry.plain_text("name")
    if not ID.fullmatch(slug(name)):
        raise entry.wrong("name must consist of letters, digits, spaces and single dashes")
    country = entry.text("country")
    if not COUNTRY.fullmatch(country):
        raise entry.wrong(f'country must be two capital letters, like "US", not "{country}"')
    edge = entry.plain_text("edge") if "edge" in entry.table else None
    if edge is not None and not EDGE.fullmatch(edge):
        raise entry.wrong(f'edge must be small letters and digits, like "ny1", not "{edge}"')
    role = entry.table.get("role", "agent")
    if role not in ("agent", "collector"):
        raise entry.wrong(f'role must be "agent" or "collector", not {role!r}')
    return Place(
        name=name,
        slug=slug(name),
        country=country,
        latitude=entry.number_between("latitude", -90, 90),
        longitude=entry.number_between("longitude", -180, 180),
        access_ms=entry.delay("access_ms"),
        edge=edge,
        agent=role == "agent",
        collector=role == "collector",
    )


def wire_of(entry: Entry, slugs: Collection[str]) -> Wire:
    """A line of `wires`, whose ends must be among the slugs."""
    entry.check_keys(("between", "delay_ms", "source"), ("factor",))
    match entry.table["between"]:
        case [str(a), str(b)]:
            pass
        case other:
            raise entry.wrong(f"between must be the ids of two places, not {other!r}")
    for end in (a, b):
        if end not in slugs:
            raise entry.wrong(f'between names "{end}", which is not the id of a place')
    if a == b:
        raise entry.wrong(f'between names "{a}" twice')
    source = entry.text("source")
    if (source == GREAT_CIRCLE) != ("factor" in entry.table):
        raise entry.wrong(f'factor and the source "{GREAT_CIRCLE}" must stand together')
    # Below 1 the cable would be shorter than the great circle.
    factor = entry.number_between("factor", 1, 100) if "factor" in entry.table else None
    return Wire(a, b, entry.delay("delay_ms"), factor, source)


def check_different(key: str, values: Iterable[tuple[Entry, Hashable]]) -> None:
    """No two entries may have the same value of a key."""
    first: dict[Hashable, Entry] = {}
    for entry, value in values:
        if value in first:
            raise entry.wrong(f"{key} is the same as in {first[value].label}")
        first[value] = entry


def reachable(topology: Topology, start: str) -> set[str]:
    """The slugs of all places to which wires lead from one of them, itself included."""
    reached, frontier = {start}, [start]
    while frontier:
        here = frontier.pop()
        found = {wire.other_end(here) for wire in topology.wires_at(here)} - reached
        reached |= found
        frontier += found
    return reached
