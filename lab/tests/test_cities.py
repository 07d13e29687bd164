import unittest

from world.cities import CITIES, EDGES, distance_km, find_city, nearest_edge
from host.errors import UsageError


class Cities(unittest.TestCase):
    def test_there_are_fourteen_cities_and_nine_edges(self) -> None:
        self.assertEqual((len(CITIES), len(EDGES)), (14, 9))

    def test_the_edges_have_the_addresses_127_0_1_1_to_9(self) -> None:
        self.assertEqual([e.address for e in EDGES], [f"127.0.1.{n}" for n in range(1, 10)])

    def test_a_city_with_an_edge_is_nearest_to_it(self) -> None:
        for edge in EDGES:
            self.assertEqual(nearest_edge(edge.city), edge)

    def test_a_city_without_an_edge_reaches_the_nearest_one(self) -> None:
        expected = {
            "Frankfurt": "ams1",
            "London": "ams1",
            "Singapore": "hkg1",
            "Tokyo": "hgh1",
            "São Paulo": "ny1",
        }
        for name, edge in expected.items():
            self.assertEqual(nearest_edge(find_city(name)).name, edge)

    def test_distance_crosses_the_date_line_the_short_way(self) -> None:
        tokyo_to_los_angeles = distance_km(find_city("Tokyo"), find_city("Los Angeles"))
        self.assertAlmostEqual(tokyo_to_los_angeles, 8815, delta=20)

    def test_a_slug_is_ascii(self) -> None:
        self.assertEqual(find_city("São Paulo").slug, "sao-paulo")

    def test_a_city_is_found_by_name_or_id_in_any_case(self) -> None:
        for text in ("São Paulo", "sao-paulo", "SAO PAULO"):
            self.assertEqual(find_city(text).name, "São Paulo")

    def test_an_unknown_city_is_named_with_the_known_ones(self) -> None:
        with self.assertRaisesRegex(UsageError, 'no city "Berlin".*New York.*São Paulo'):
            find_city("Berlin")
