import unittest

from stack.table import render_comparison, render_table
from tests.documents import TOPOLOGY, finished, offline


class RenderTable(unittest.TestCase):
    def test_times_are_right_aligned_milliseconds_and_the_absent_is_no_zero(self) -> None:
        cities = [finished(TOPOLOGY.find_city("New York")), offline(TOPOLOGY.find_city("São Paulo"))]
        self.assertEqual(
            render_table({"cities": cities}).splitlines(),
            [
                "City       State     Status   DNS  Connect   TLS  TTFB  Rating     Edge",
                "New York   finished  200     1.00     0.20  3.00  4.60  excellent  ny1",
                "São Paulo  offline   -          -        -     -     -  failed     -",
            ],
        )

    def test_a_city_still_under_way_has_a_row(self) -> None:
        city = {**finished(TOPOLOGY.find_city("Tokyo")), "state": "tls", "result": None}
        self.assertIn("Tokyo  tls    -", render_table({"cities": [city]}))


class RenderComparison(unittest.TestCase):
    def test_who_moved_is_marked_and_who_is_gone_has_its_state(self) -> None:
        cities = [finished(TOPOLOGY.find_city(name)) for name in ("New York", "Tokyo")]
        later = [finished(TOPOLOGY.find_city("New York")), offline(TOPOLOGY.find_city("Tokyo"))]
        later[0]["result"]["edge"] = "la1"
        self.assertEqual(
            render_comparison({"cities": cities}, {"cities": later}).splitlines(),
            [
                "City      Status  TTFB  Edge      Status   TTFB  Edge  Change",
                "New York  200     4.60  ny1   ->  200      4.60  la1   moved",
                "Tokyo     200     4.60  hgh1  ->  offline     -  -     moved",
            ],
        )
