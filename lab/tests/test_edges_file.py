import json
import tempfile
import unittest
from pathlib import Path

from stack.edges import write_edges_file
from tests.documents import TOPOLOGY


class EdgesFileTest(unittest.TestCase):
    def setUp(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "edges.yaml")
            write_edges_file(file, TOPOLOGY)
            self.edges = json.loads(file.read_text(encoding="utf-8"))["edges"]

    def test_each_edge_stands_in_its_place(self) -> None:
        self.assertEqual([edge["id"] for edge in self.edges], list(TOPOLOGY.edges))
        self.assertEqual(
            self.edges[0],
            {
                "id": "ny1",
                "city": "New York",
                "country": "US",
                "latitude": 40.7128,
                "longitude": -74.006,
            },
        )
