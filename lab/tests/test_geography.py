import unittest

from tests.documents import TOPOLOGY
from world.geography import distance_km, slug


class Geography(unittest.TestCase):
    def test_distance_crosses_the_date_line_the_short_way(self) -> None:
        tokyo, los_angeles = TOPOLOGY.find_city("Tokyo"), TOPOLOGY.find_city("Los Angeles")
        self.assertAlmostEqual(distance_km(tokyo, los_angeles), 8815, delta=20)

    def test_a_slug_is_ascii(self) -> None:
        self.assertEqual(slug("São Paulo"), "sao-paulo")
