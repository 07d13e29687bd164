"""Where the fourteen agents and the nine edges stand, and which edge is nearest to whom."""

import math
import unicodedata
from dataclasses import dataclass

from host.errors import UsageError

HOST = "www.firstbyte.test"

EARTH_RADIUS_KM = 6371.0


@dataclass(frozen=True)
class City:
    """A place with an agent; coordinates in degrees."""

    name: str
    latitude: float
    longitude: float

    @property
    def slug(self) -> str:
        """The agent's id: `São Paulo` becomes `sao-paulo`."""
        return slug(self.name)


@dataclass(frozen=True)
class Edge:
    """One of the anycast sites; on loopback each has an address of its own."""

    name: str
    city: City
    address: str


CITIES = (
    City("New York", 40.7128, -74.0060),
    City("Los Angeles", 34.0522, -118.2437),
    City("Amsterdam", 52.3676, 4.9041),
    City("Hangzhou", 30.2741, 120.1551),
    City("Chengdu", 30.5728, 104.0668),
    City("Hong Kong", 22.3193, 114.1694),
    City("Shenzhen", 22.5431, 114.0579),
    City("Sydney", -33.8688, 151.2093),
    City("Wuhan", 30.5928, 114.3055),
    City("Frankfurt", 50.1109, 8.6821),
    City("London", 51.5074, -0.1278),
    City("Singapore", 1.3521, 103.8198),
    City("Tokyo", 35.6762, 139.6503),
    City("São Paulo", -23.5505, -46.6333),
)

# The first nine cities have an edge, in the same order; the other five reach the nearest one.
EDGE_NAMES = ("ny1", "la1", "ams1", "hgh1", "ctu1", "hkg1", "szx1", "syd1", "wuh1")

EDGES = tuple(
    Edge(name, city, f"127.0.1.{number}")
    for number, (name, city) in enumerate(zip(EDGE_NAMES, CITIES), start=1)
)


def slug(name: str) -> str:
    """Lower-case ASCII with dashes, as the agent makes its id from its city."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "-".join(plain.lower().replace("-", " ").split())


def distance_km(a: City, b: City) -> float:
    """Great-circle distance (haversine) on a sphere."""
    latitude_a, latitude_b = math.radians(a.latitude), math.radians(b.latitude)
    half_latitude = (latitude_b - latitude_a) / 2
    half_longitude = math.radians(b.longitude - a.longitude) / 2
    chord = (
        math.sin(half_latitude) ** 2
        + math.cos(latitude_a) * math.cos(latitude_b) * math.sin(half_longitude) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(chord))


def nearest_edge(city: City) -> Edge:
    """The edge that BGP would choose in a world where routes follow distance."""
    return min(EDGES, key=lambda edge: distance_km(city, edge.city))


def find_city(text: str) -> City:
    """The city meant by a name or an id, whatever its case and accents."""
    for city in CITIES:
        if city.slug == slug(text):
            return city
    names = ", ".join(city.name for city in CITIES)
    raise UsageError(f'there is no city "{text}"; the fourteen are {names}')
