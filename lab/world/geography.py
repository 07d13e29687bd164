"""Names and distances of places on earth."""

import math
import unicodedata
from typing import Protocol

# What is tested: the name that all edges share.
HOST = "www.firstbyte.test"

EARTH_RADIUS_KM = 6371.0


class Point(Protocol):
    """Anything with coordinates in degrees."""

    @property
    def latitude(self) -> float:
        """North is positive."""

    @property
    def longitude(self) -> float:
        """East is positive."""


def slug(name: str) -> str:
    """Lower-case ASCII with dashes, as the agent makes its id from its city."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "-".join(plain.lower().replace("-", " ").split())


def distance_km(a: Point, b: Point) -> float:
    """Great-circle distance (haversine) on a sphere."""
    latitude_a, latitude_b = math.radians(a.latitude), math.radians(b.latitude)
    half_latitude = (latitude_b - latitude_a) / 2
    half_longitude = math.radians(b.longitude - a.longitude) / 2
    chord = (
        math.sin(half_latitude) ** 2
        + math.cos(latitude_a) * math.cos(latitude_b) * math.sin(half_longitude) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(chord))
