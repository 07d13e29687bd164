import io
import unittest

from anycast.addresses import Plan
from anycast.bird import (
    BirdError,
    chosen_protocol,
    edge_config,
    protocol_name,
    read_reply,
    router_config,
)
from tests.documents import TOPOLOGY

PLAN = Plan(TOPOLOGY)
NOTHING_DOWN: frozenset[str] = frozenset()


class Replies(unittest.TestCase):
    def test_a_reply_ends_with_the_line_whose_code_is_followed_by_a_space(self) -> None:
        reader = io.StringIO("0001-one\n two\n0000 three\n9999 not mine\n")
        self.assertEqual(read_reply(reader), ["one", "two", "three"])

    def test_an_error_is_raised_with_its_text(self) -> None:
        with self.assertRaisesRegex(BirdError, "Network not found"):
            read_reply(io.StringIO("8001 Network not found\n"))

    def test_a_reply_that_breaks_off_is_an_error(self) -> None:
        with self.assertRaisesRegex(BirdError, "hung up"):
            read_reply(io.StringIO("1007-198.51.100.0/24\n"))


class Chosen(unittest.TestCase):
    def test_a_route_from_the_own_edge(self) -> None:
        line = "198.51.100.0/24      unicast [edge_ny1 06:21:00.123] * (100) [AS64600i]"
        self.assertEqual(chosen_protocol(["Table master4:", line]), ("edge", "ny1"))

    def test_a_route_from_another_router(self) -> None:
        line = "198.51.100.0/24      unicast [core_los_angeles 06:21:00.123] * (100/2460) [AS64600i]"
        self.assertEqual(chosen_protocol([line]), ("core", "los-angeles"))

    def test_a_route_to_what_cannot_be_reached_is_none(self) -> None:
        line = "198.51.100.0/24      unreachable [core_tokyo 06:21:00.123] * (100/-) [AS64600i]"
        self.assertIsNone(chosen_protocol([line]))

    def test_no_route(self) -> None:
        self.assertIsNone(chosen_protocol([""]))

    def test_a_name_survives_the_way_there_and_back(self) -> None:
        line = f"198.51.100.0/24 unicast [{protocol_name('core', 'sao-paulo')} 06:21] *"
        self.assertEqual(chosen_protocol([line]), ("core", "sao-paulo"))


class Configurations(unittest.TestCase):
    def test_a_router_talks_to_every_other_one_that_has_or_wants_routes(self) -> None:
        for city, sessions in (("tokyo", len(TOPOLOGY.edges)), ("sydney", len(TOPOLOGY.places) - 1)):
            text = router_config(PLAN, TOPOLOGY.find_place(city), True, NOTHING_DOWN)
            self.assertEqual(text.count("from core {"), sessions)
            self.assertEqual("edge_" in text, city == "sydney")

    def test_metrics_are_the_shortest_way_in_10_us(self) -> None:
        text = router_config(PLAN, TOPOLOGY.find_place("los-angeles"), True, NOTHING_DOWN)
        self.assertRegex(text, r"route 10\.255\.0\.1/32 via 10\.254\.0\.0 \{ igp_metric = 2460; \}")

    def test_a_wire_that_is_down_is_not_used(self) -> None:
        down = frozenset({"new-york~los-angeles"})
        text = router_config(PLAN, TOPOLOGY.find_place("los-angeles"), True, down)
        self.assertNotIn("via 10.254.0.0 ", text)
        self.assertIn("route 10.255.0.1/32 via", text)

    def test_bfd_can_be_off_on_both_sides(self) -> None:
        router = router_config(PLAN, TOPOLOGY.find_place("new-york"), False, NOTHING_DOWN)
        for text in (router, edge_config(PLAN, "ny1", False)):
            self.assertIn("bfd off;", text)
            self.assertNotIn("bfd on;", text)
