"""The collector's file of edges: where those of the network stand."""

import json
from pathlib import Path

from world.topology import Topology


def write_edges_file(file: Path, topology: Topology) -> None:
    """Writes it as JSON, which is YAML too."""
    edges = [
        {
            "id": edge,
            "city": place.name,
            "country": place.country,
            "latitude": place.latitude,
            "longitude": place.longitude,
        }
        for edge, place in topology.edges.items()
    ]
    text = json.dumps({"edges": edges}, indent=1, ensure_ascii=False)
    file.write_text(text + "\n", encoding="utf-8")
