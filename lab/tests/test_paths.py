import unittest
from dataclasses import replace

from world.paths import metrics, nearest, next_hops, one_way_ms, ranking
from world.topology import Place, Topology, Wire


def place(slug: str, edge: str | None = None) -> Place:
    """A place of which only its id and its edge matter."""
    return Place(slug, slug, "DE", 0.0, 0.0, 3.0, edge, agent=True, collector=False)


def wire(a: str, b: str, delay_ms: float) -> Wire:
    """A wire of which only its ends and its delay matter."""
    return Wire(a, b, delay_ms, None, "made up")


# A square with one long side, and a tail:  a -1- b -1- c -0.25- tail,  a -1- d -1.5- c
SQUARE = Topology(
    places=(place("a", "a1"), place("b"), place("c", "c1"), place("d"), place("tail", "t1")),
    wires=(
        wire("a", "b", 1.0),
        wire("b", "c", 1.0),
        wire("a", "d", 1.0),
        wire("d", "c", 1.5),
        wire("c", "tail", 0.25),
    ),
)

ALL = ("a1", "c1", "t1")


class Metrics(unittest.TestCase):
    def test_a_metric_counts_the_shortest_way_in_10_us(self) -> None:
        self.assertEqual(metrics(SQUARE)["a"], {"a": 0, "b": 100, "d": 100, "c": 200, "tail": 225})

    def test_both_directions_count_the_same(self) -> None:
        table = metrics(SQUARE)
        for a in table:
            for b in table:
                self.assertEqual(table[a][b], table[b][a])

    def test_a_delay_is_rounded_to_10_us(self) -> None:
        pair = replace(SQUARE, wires=(wire("a", "b", 24.6), wire("b", "c", 0.001)))
        self.assertEqual(metrics(pair)["a"], {"a": 0, "b": 2460, "c": 2461})

    def test_a_wire_that_is_down_is_gone_around(self) -> None:
        self.assertEqual(metrics(SQUARE, {"b~c"})["a"]["c"], 250)

    def test_a_place_that_cannot_be_reached_is_absent(self) -> None:
        table = metrics(SQUARE, {"c~tail"})
        self.assertNotIn("tail", table["a"])
        self.assertEqual(table["tail"], {"tail": 0})


class NextHops(unittest.TestCase):
    def test_packets_take_the_first_step_of_the_shortest_way(self) -> None:
        self.assertEqual(
            next_hops(SQUARE)["a"], {"b": "b", "c": "b", "d": "d", "tail": "b"}
        )

    def test_a_wire_that_is_down_is_not_taken(self) -> None:
        self.assertEqual(
            next_hops(SQUARE, {"a~b"})["a"], {"b": "d", "c": "d", "d": "d", "tail": "d"}
        )

    def test_of_two_equal_ways_the_first_in_the_alphabet_is_taken(self) -> None:
        wires = (*SQUARE.wires[2:3], wire("d", "c", 1.0), *SQUARE.wires[:2])
        self.assertEqual(next_hops(replace(SQUARE, wires=wires))["a"]["c"], "b")

    def test_a_place_that_cannot_be_reached_is_absent(self) -> None:
        hops = next_hops(SQUARE, {"c~tail"})
        self.assertNotIn("tail", hops["a"])
        self.assertEqual(hops["tail"], {})

    def test_hop_by_hop_the_way_is_as_long_as_its_metric(self) -> None:
        table, hops = metrics(SQUARE), next_hops(SQUARE)
        here, walked = "a", 0
        while here != "tail":
            step = hops[here]["tail"]
            walked += table[here][step]
            here = step
        self.assertEqual(walked, table["a"]["tail"])


class NearestEdge(unittest.TestCase):
    def test_edges_are_ranked_nearest_first(self) -> None:
        self.assertEqual(ranking(SQUARE, "b", ALL), [("a1", 100), ("c1", 100), ("t1", 125)])

    def test_an_edge_that_is_not_alive_is_not_ranked(self) -> None:
        self.assertEqual(ranking(SQUARE, "c", {"a1", "t1"}), [("t1", 25), ("a1", 200)])

    def test_an_edge_that_cannot_be_reached_is_not_ranked(self) -> None:
        self.assertEqual(ranking(SQUARE, "tail", ALL, {"c~tail"}), [("t1", 0)])

    def test_the_nearest_is_the_first_of_the_ranking(self) -> None:
        self.assertEqual(nearest(SQUARE, "d", ALL), "a1")

    def test_a_cut_wire_can_make_another_edge_the_nearest(self) -> None:
        self.assertEqual(nearest(SQUARE, "d", ALL, {"a~d"}), "c1")

    def test_without_any_edge_there_is_no_nearest(self) -> None:
        self.assertIsNone(nearest(SQUARE, "d", ()))


class OneWay(unittest.TestCase):
    def test_last_mile_and_backbone_add_up(self) -> None:
        self.assertEqual(one_way_ms(SQUARE, "a", "c1"), 3.0 + 2.0)

    def test_beside_the_edge_there_is_no_backbone(self) -> None:
        self.assertEqual(one_way_ms(SQUARE, "a", "a1"), 3.0)

    def test_a_cut_wire_makes_the_way_longer(self) -> None:
        self.assertEqual(one_way_ms(SQUARE, "a", "c1", {"a~b"}), 3.0 + 2.5)

    def test_without_a_way_there_is_no_time(self) -> None:
        self.assertIsNone(one_way_ms(SQUARE, "a", "t1", {"c~tail"}))
