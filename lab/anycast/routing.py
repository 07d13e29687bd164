"""Which edge each place's router chose, next to what the metrics say it should choose."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from anycast.addresses import SERVICE4, SERVICE6
from anycast.bird import Bird, BirdError, chosen_protocol
from world import paths
from world.topology import Place, Topology

FAMILIES = {4: SERVICE4, 6: SERVICE6}


@dataclass(frozen=True)
class Choice:
    """One router's choice for one IP version; None: no route."""

    place: Place
    family: int
    expected: str | None
    actual: str | None

    @property
    def is_right(self) -> bool:
        """Whether BGP chose what it should."""
        return self.expected == self.actual


def choices(
    topology: Topology,
    routers: Mapping[str, Bird],
    announcing: Collection[str],
    down: Collection[str],
) -> list[Choice]:
    """What all routers chose; `announcing` are the edges that should be seen, `down` the wires
    that should not be used."""
    answers = [asked(topology, routers[place.slug], place) for place in topology.places]
    return [
        Choice(
            place, family, paths.nearest(topology, place.slug, announcing, down), actual[family]
        )
        for place, actual in zip(topology.places, answers, strict=True)
        for family in FAMILIES
    ]


def asked(topology: Topology, bird: Bird, place: Place) -> dict[int, str | None]:
    """What one router says, by IP version."""
    return {
        family: edge_behind(topology, bird, place, address) for family, address in FAMILIES.items()
    }


def edge_behind(topology: Topology, bird: Bird, place: Place, address: str) -> str | None:
    """The edge that a router's best route leads to; None also while BIRD does not answer."""
    try:
        chosen = chosen_protocol(bird.ask(f"show route primary for {address}"))
    except BirdError:
        return None
    if chosen is None:
        return None
    kind, name = chosen
    return name if kind == "edge" else topology.place(name).edge
