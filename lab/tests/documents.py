"""Made-up test documents, in the shape of tests/golden/api/test.json."""

from typing import Any

from world import paths
from world.topology import Place
from world.topology_file import TOPOLOGY_FILE, load_topology

TOPOLOGY = load_topology(TOPOLOGY_FILE)
EDGES = {
    city.slug: paths.nearest(TOPOLOGY, city.slug, list(TOPOLOGY.edges)) or ""
    for city in TOPOLOGY.cities
}

TIMINGS = {
    "dns_us": 1000,
    "connect_us": 200,
    "tls_us": 3000,
    "wait_us": 400,
    "transfer_us": 50,
    "other_us": 7,
    "ttfb_us": 4600,
    "total_us": 4657,
}


def finished(city: Place) -> dict[str, Any]:
    """A city whose probe did what it should."""
    return {
        "agent_id": city.slug,
        "agent": {"id": city.slug, "city": city.name},
        "state": "finished",
        "elapsed_us": 4657,
        "result": {
            "timings": dict(TIMINGS),
            "rating": "excellent",
            "status": 200,
            "edge": EDGES[city.slug],
            "edge_location": {"city": TOPOLOGY.edges[EDGES[city.slug]].name},
            "failure": None,
        },
    }


def offline(city: Place) -> dict[str, Any]:
    """A city whose agent was not connected."""
    return {
        "agent_id": city.slug,
        "agent": {"id": city.slug, "city": city.name},
        "state": "offline",
        "elapsed_us": 0,
        "result": {
            "timings": {name: None for name in TIMINGS},
            "rating": "failed",
            "status": None,
            "edge": None,
            "failure": {"message": f"the agent in {city.name} was not connected"},
        },
    }


def whole_test() -> dict[str, Any]:
    """A test in which all is well."""
    return {"id": "0k3v9x2m7qf5d", "state": "finished", "cities": [finished(c) for c in TOPOLOGY.cities]}
