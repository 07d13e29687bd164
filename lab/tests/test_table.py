import unittest

from world.cities import find_city
from stack.table import render_table
from tests.documents import finished, offline


class RenderTable(unittest.TestCase):
    def test_times_are_right_aligned_milliseconds_and_the_absent_is_no_zero(self) -> None:
        cities = [finished(find_city("New York")), offline(find_city("São Paulo"))]
        self.assertEqual(
            render_table({"cities": cities}).splitlines(),
            [
                "City       State     Status   DNS  Connect   TLS  TTFB  Rating     Edge",
                "New York   finished  200     1.00     0.20  3.00  4.60  excellent  ny1",
                "São Paulo  offline   -          -        -     -     -  failed     -",
            ],
        )

    def test_a_city_still_under_way_has_a_row(self) -> None:
        city = {**finished(find_city("Tokyo")), "state": "tls", "result": None}
        self.assertIn("Tokyo  tls    -", render_table({"cities": [city]}))
