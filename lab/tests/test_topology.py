import json
import tempfile
import unittest
from pathlib import Path

from anycast.addresses import WIRE_ROOM
from host.errors import UsageError
from world.geography import distance_km
from world.paths import metrics_from, nearest, one_way_ms, ranking
from world.topology import Place, Topology, from_document, to_document
from world.topology_file import GREAT_CIRCLE, OF_THE_LAB, TOPOLOGY_FILE, load_topology

WORLD = load_topology(TOPOLOGY_FILE)

FIBRE_KM_PER_MS = 204.19

# DNS, TCP, TLS 1.3, HTTP; and what the programs need besides.
ROUND_TRIPS = 4
WORK_MS = 4

# In metrics, that is in 10 us.
MARGIN_OF_NEAREST = 100
MARGIN_OF_NEXT = 50
MARGIN_OF_ANY = 30


def first_byte_ms(city: str, edge: str) -> float:
    """What a test from a city should see as its time to first byte."""
    one_way = one_way_ms(WORLD, city, edge)
    assert one_way is not None
    return ROUND_TRIPS * 2 * one_way + WORK_MS


def distance_ms(a: Place, b: Place) -> float:
    """How long light takes in a fibre along the great circle."""
    return distance_km(a, b) / FIBRE_KM_PER_MS


class ShippedWorld(unittest.TestCase):
    def test_fourteen_cities_nine_edges_and_the_collector_in_dublin(self) -> None:
        self.assertEqual((len(WORLD.places), len(WORLD.cities), len(WORLD.edges)), (15, 14, 9))
        self.assertEqual(WORLD.collector.name, "Dublin")
        self.assertFalse(WORLD.collector.agent)

    def test_the_nine_edges_stand_in_the_first_nine_cities(self) -> None:
        expected = ["ny1", "la1", "ams1", "hgh1", "ctu1", "hkg1", "szx1", "syd1", "wuh1"]
        self.assertEqual([place.edge for place in WORLD.places[:9]], expected)

    def test_each_great_circle_delay_follows_from_distance_and_factor(self) -> None:
        for wire in WORLD.wires:
            if wire.source == GREAT_CIRCLE and wire.factor is not None:
                delay = distance_ms(WORLD.place(wire.a), WORLD.place(wire.b)) * wire.factor
                self.assertAlmostEqual(wire.delay_ms, delay, delta=0.1, msg=wire.name)

    def test_wires_have_different_names(self) -> None:
        names = [wire.name for wire in WORLD.wires]
        self.assertEqual(len(set(names)), len(names))
        self.assertIn("new-york~los-angeles", names)

    def test_the_cut_of_any_wire_leaves_every_place_within_reach(self) -> None:
        for wire in WORLD.wires:
            reached = metrics_from(WORLD, wire.a, {wire.name})
            self.assertEqual(len(reached), len(WORLD.places), wire.name)

    def test_new_york_sees_34_ms_from_ny1(self) -> None:
        self.assertEqual(round(first_byte_ms("new-york", "ny1")), 34)

    def test_new_york_sees_231_ms_from_la1_once_ny1_is_gone(self) -> None:
        self.assertEqual(nearest(WORLD, "new-york", set(WORLD.edges) - {"ny1"}), "la1")
        self.assertEqual(round(first_byte_ms("new-york", "la1")), 231)

    def test_a_city_beside_an_edge_sees_between_25_and_50_ms(self) -> None:
        for edge, place in WORLD.edges.items():
            self.assertTrue(25 <= first_byte_ms(place.slug, edge) <= 50, place.name)

    def test_a_city_with_an_edge_is_nearest_to_it(self) -> None:
        for edge, place in WORLD.edges.items():
            self.assertEqual(nearest(WORLD, place.slug, WORLD.edges), edge)

    def test_a_city_without_an_edge_reaches_a_plausible_one(self) -> None:
        expected = {
            "frankfurt": "ams1",
            "london": "ams1",
            "singapore": "hkg1",
            "tokyo": "hgh1",
            "sao-paulo": "ny1",
        }
        for city, edge in expected.items():
            self.assertEqual(nearest(WORLD, city, WORLD.edges), edge)

    def test_the_nearest_edge_leads_by_a_clear_margin(self) -> None:
        for place in WORLD.places:
            first, second = ranking(WORLD, place.slug, WORLD.edges)[:2]
            self.assertGreaterEqual(second[1] - first[1], MARGIN_OF_NEAREST, place.name)

    def test_after_the_loss_of_any_edge_the_next_one_leads_clearly(self) -> None:
        for place in WORLD.places:
            for lost in WORLD.edges:
                first, second = ranking(WORLD, place.slug, set(WORLD.edges) - {lost})[:2]
                margin = second[1] - first[1]
                self.assertGreaterEqual(margin, MARGIN_OF_NEXT, f"{place.name} without {lost}")

    def test_after_the_cut_of_any_wire_the_nearest_edge_leads_clearly(self) -> None:
        for place in WORLD.places:
            for wire in WORLD.wires:
                first, second = ranking(WORLD, place.slug, WORLD.edges, {wire.name})[:2]
                margin = second[1] - first[1]
                self.assertGreaterEqual(margin, MARGIN_OF_NEXT, f"{place.name}, {wire.name} cut")

    def test_no_two_edges_are_equally_far_from_anywhere(self) -> None:
        for place in WORLD.places:
            ranked = [metric for _, metric in ranking(WORLD, place.slug, WORLD.edges)]
            margin = min(far - near for near, far in zip(ranked, ranked[1:]))
            self.assertGreaterEqual(margin, MARGIN_OF_ANY, place.name)


class Lookups(unittest.TestCase):
    def test_a_place_is_found_by_name_or_id_in_any_case(self) -> None:
        for text in ("São Paulo", "sao-paulo", "SAO PAULO"):
            self.assertEqual(WORLD.find_place(text).name, "São Paulo")

    def test_an_unknown_place_is_named_with_the_known_ones(self) -> None:
        with self.assertRaisesRegex(UsageError, 'no place "Berlin".*New York.*Dublin'):
            WORLD.find_place("Berlin")

    def test_an_edge_is_found_in_any_case(self) -> None:
        self.assertEqual(WORLD.find_edge("NY1").name, "New York")

    def test_an_unknown_edge_is_named_with_the_nine(self) -> None:
        nine = ", ".join(WORLD.edges)
        with self.assertRaisesRegex(UsageError, f'no edge "fra1"; there are {nine}$'):
            WORLD.find_edge("fra1")

    def test_a_wire_is_found_in_either_order(self) -> None:
        wire = WORLD.find_wire("Los Angeles", "new-york")
        self.assertEqual(wire.name, "new-york~los-angeles")
        self.assertEqual(WORLD.find_wire("new-york", "Los Angeles"), wire)

    def test_a_missing_wire_is_answered_with_the_neighbours(self) -> None:
        sentence = (
            "no wire between Frankfurt and Tokyo;"
            " Frankfurt has wires to Amsterdam, Singapore, Hong Kong$"
        )
        with self.assertRaisesRegex(UsageError, sentence):
            WORLD.find_wire("frankfurt", "tokyo")

    def test_json_carries_it_whole(self) -> None:
        self.assertEqual(from_document(json.loads(json.dumps(to_document(WORLD)))), WORLD)

    def test_a_wire_tells_its_other_end(self) -> None:
        wire = WORLD.find_wire("new-york", "los-angeles")
        self.assertEqual(wire.other_end("new-york"), "los-angeles")
        self.assertEqual(wire.other_end("los-angeles"), "new-york")


SMALL = """\
places = [
  { name = "Köln", country = "DE", latitude = 50.9, longitude = 7.0, access_ms = 3, edge = "cgn1" },
  { name = "Bonn", country = "DE", latitude = 50.7, longitude = 7.1, access_ms = 4.5 },
  { name = "Trier", country = "DE", latitude = 49.8, longitude = 6.6, access_ms = 1.0, role = "collector" },
]
wires = [
  { between = ["koln", "bonn"], delay_ms = 0.5, factor = 1.5, source = "great circle" },
  { between = ["bonn", "trier"], delay_ms = 2, source = "RTT 4 ms, the Bonn Exchange" },
]
"""


def load(text: str) -> Topology:
    """Loads a text as `small.toml`."""
    return load_bytes(text.encode())


def load_bytes(content: bytes) -> Topology:
    """Loads any bytes as `small.toml`."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "small.toml")
        file.write_bytes(content)
        return load_topology(file)


def ring(size: int) -> str:
    """A world whose places stand in a circle, one of them with an edge."""
    places = [f'name = "P{n}", country = "DE", latitude = 0, longitude = 0, access_ms = 1' for n in range(size)]
    places[0] += ', edge = "p"'
    places[1] += ', role = "collector"'
    wires = [
        f'between = ["p{n}", "p{(n + 1) % size}"], delay_ms = 1, source = "none"'
        for n in range(size)
    ]
    tables = {"places": places, "wires": wires}
    return "".join(
        f"{key} = [{', '.join(f'{{ {line} }}' for line in lines)}]\n"
        for key, lines in tables.items()
    )


class GoodFile(unittest.TestCase):
    def test_a_place_takes_its_id_from_its_name_and_whole_numbers_will_do(self) -> None:
        expected = Place("Köln", "koln", "DE", 50.9, 7.0, 3.0, "cgn1", agent=True, collector=False)
        self.assertEqual(load(SMALL).places[0], expected)

    def test_a_published_round_trip_stands_without_a_factor(self) -> None:
        wire = load(SMALL).wires[1]
        self.assertEqual((wire.factor, wire.source), (None, "RTT 4 ms, the Bonn Exchange"))


class BadFile(unittest.TestCase):
    """Each mistake is answered with one sentence that names the file, the entry and the key."""

    def expect(self, old: str, new: str, sentence: str) -> None:
        """Puts one mistake into the small world."""
        self.assertIn(old, SMALL)
        with self.assertRaises(UsageError) as raised:
            load(SMALL.replace(old, new, 1))
        message = str(raised.exception)
        self.assertIn("small.toml" + sentence, message)
        self.assertNotIn("\n", message)

    def test_a_file_that_is_not_there(self) -> None:
        with self.assertRaisesRegex(UsageError, "none.toml: cannot be read: No such file"):
            load_topology(Path("none.toml"))

    def test_not_toml(self) -> None:
        self.expect(
            "places = [",
            "places [",
            ": is not TOML: Expected '=' after a key in a key/value pair (at line 1, column 8)",
        )

    def test_not_utf_8(self) -> None:
        with self.assertRaisesRegex(UsageError, "small.toml: is not TOML: .*utf-8"):
            load_bytes(SMALL.encode("latin-1"))

    def test_an_unknown_key_of_the_file(self) -> None:
        self.expect(
            "places = [",
            "speed = 1\nplaces = [",
            ': unknown key "speed"; the known ones are places, wires',
        )

    def test_an_unknown_key_of_a_place(self) -> None:
        self.expect("edge =", "egde =", ', place 1 (Köln): unknown key "egde"; the known ones are')

    def test_an_unknown_key_of_a_wire(self) -> None:
        self.expect("factor", "faktor", ', wire 1 (koln~bonn): unknown key "faktor"')

    def test_a_missing_key_of_the_file(self) -> None:
        self.expect(SMALL[SMALL.index("wires") :], "", ": wires is missing")

    def test_a_missing_key_of_a_place(self) -> None:
        self.expect('name = "Bonn", ', "", ", place 2: name is missing")

    def test_a_missing_key_of_a_wire(self) -> None:
        self.expect("delay_ms = 2, ", "", ", wire 2 (bonn~trier): delay_ms is missing")

    def test_a_text_in_place_of_a_number(self) -> None:
        self.expect(
            "access_ms = 4.5",
            'access_ms = "4.5"',
            ", place 2 (Bonn): access_ms must be a number, not '4.5'",
        )

    def test_a_truth_in_place_of_a_number(self) -> None:
        self.expect(
            "delay_ms = 2",
            "delay_ms = true",
            ", wire 2 (bonn~trier): delay_ms must be a number, not True",
        )

    def test_a_number_in_place_of_a_text(self) -> None:
        self.expect('"Bonn"', "7", ", place 2: name must be a string that is not empty, not 7")

    def test_places_that_are_no_tables(self) -> None:
        self.expect("wires = [", "wires = [ 7,", ": wires must be an array of tables")

    def test_a_wire_with_one_end(self) -> None:
        self.expect(
            '["bonn", "trier"]',
            '["bonn"]',
            ", wire 2: between must be the ids of two places, not ['bonn']",
        )

    def test_a_name_without_an_id(self) -> None:
        self.expect('"Bonn"', '"波恩"', ", place 2 (波恩): name must consist of letters")

    def test_an_edge_that_would_be_a_path(self) -> None:
        self.expect('"cgn1"', '"../cgn1"', ', place 1 (Köln): edge must be small letters')

    def test_an_edge_with_a_dash_or_a_capital(self) -> None:
        for edge in ("cgn-1", "CGN1"):
            self.expect(
                '"cgn1"',
                f'"{edge}"',
                f', place 1 (Köln): edge must be small letters and digits, like "ny1", not "{edge}"',
            )

    def test_a_line_end_in_a_name_or_an_edge(self) -> None:
        self.expect(
            '"Bonn"',
            r'"Bonn\nam Rhein"',
            r", place 2 (Bonn\nam Rhein): name must have no control characters,"
            r" not 'Bonn\nam Rhein'",
        )
        self.expect(
            '"cgn1"',
            r'"cgn1\u0007"',
            r", place 1 (Köln): edge must have no control characters, not 'cgn1\x07'",
        )

    def test_a_line_end_anywhere_else_does_not_break_the_sentence(self) -> None:
        self.expect("edge =", r'"e\nge" =', r', place 1 (Köln): unknown key "e\nge"; the known')

    def test_a_place_that_is_called_like_an_edge(self) -> None:
        self.expect(
            '"Bonn"',
            '"CGN1"',
            ', place 2 (CGN1): name makes the id "cgn1", as the edge of place 1 (Köln) is called',
        )

    def test_a_place_that_is_called_like_a_router(self) -> None:
        self.expect(
            '"Köln"',
            '"Router Bonn"',
            ', place 1 (Router Bonn): name makes the id "router-bonn",'
            " as the router of place 2 (Bonn) is called",
        )

    def test_a_place_or_an_edge_with_a_name_of_the_lab(self) -> None:
        self.assertIn(WIRE_ROOM, OF_THE_LAB)
        for name in OF_THE_LAB:
            self.expect(
                '"Bonn"',
                f'"{name.title()}"',
                f', place 2 ({name.title()}): name makes the id "{name}", which the lab itself uses',
            )
            self.expect(
                '"cgn1"',
                f'"{name}"',
                f', place 1 (Köln): edge must not be "{name}", which the lab itself uses',
            )

    def test_two_neighbours_that_begin_alike(self) -> None:
        world = SMALL.replace('"Köln"', '"Sankt Augustin Ost"').replace("koln", "sankt-augustin-ost")
        world = world.replace('"Trier"', '"Sankt Augustin"').replace("trier", "sankt-augustin")
        with self.assertRaisesRegex(
            UsageError,
            r'wire 2 \(bonn~sankt-augustin\): between leads from "bonn" to "sankt-augustin", and'
            ' another wire to "sankt-augustin-ost": the first 13 letters of a router\'s neighbours'
            " must differ$",
        ):
            load(world)

    def test_more_places_than_a_byte_can_number(self) -> None:
        with self.assertRaisesRegex(
            UsageError, "small.toml: places has 201, above the limit of 200$"
        ):
            load(ring(201))

    def test_more_cables_than_a_byte_can_number(self) -> None:
        self.assertEqual(len(load(ring(124)).places), 124)
        with self.assertRaisesRegex(
            UsageError,
            "small.toml: wires has 125, which with a cable for each place and each edge makes 251,"
            " above the limit of 250$",
        ):
            load(ring(125))

    def test_an_unknown_role(self) -> None:
        self.expect(
            '"collector"',
            '"judge"',
            ', place 3 (Trier): role must be "agent" or "collector", not \'judge\'',
        )

    def test_a_city_twice(self) -> None:
        self.expect(
            '"Bonn"', '"KÖLN"', ", place 2 (KÖLN): name is the same as in place 1 (Köln)"
        )

    def test_an_edge_twice(self) -> None:
        self.expect(
            "access_ms = 4.5",
            'access_ms = 4.5, edge = "cgn1"',
            ", place 2 (Bonn): edge is the same as in place 1 (Köln)",
        )

    def test_a_wire_twice_even_in_the_other_order(self) -> None:
        self.expect(
            '["bonn", "trier"]',
            '["bonn", "koln"]',
            ", wire 2 (bonn~koln): between is the same as in wire 1 (koln~bonn)",
        )

    def test_a_wire_to_nowhere(self) -> None:
        self.expect(
            '["bonn", "trier"]',
            '["bonn", "Trier"]',
            ', wire 2 (bonn~Trier): between names "Trier", which is not the id of a place',
        )

    def test_a_wire_from_a_city_to_itself(self) -> None:
        self.expect(
            '["bonn", "trier"]',
            '["bonn", "bonn"]',
            ', wire 2 (bonn~bonn): between names "bonn" twice',
        )

    def test_a_delay_out_of_range(self) -> None:
        for delay in ("-3", "0", "1000.5", "nan", "inf"):
            self.expect(
                "delay_ms = 2",
                f"delay_ms = {delay}",
                f", wire 2 (bonn~trier): delay_ms must be above 0 and at most 1000, not {delay}",
            )

    def test_a_last_mile_out_of_range(self) -> None:
        self.expect(
            "access_ms = 4.5",
            "access_ms = 0",
            ", place 2 (Bonn): access_ms must be above 0 and at most 1000, not 0",
        )

    def test_a_country_that_is_no_code(self) -> None:
        self.expect(
            'name = "Bonn", country = "DE"',
            'name = "Bonn", country = "Germany"',
            ', place 2 (Bonn): country must be two capital letters, like "US", not "Germany"',
        )

    def test_a_latitude_out_of_range(self) -> None:
        self.expect(
            "latitude = 50.7",
            "latitude = 90.1",
            ", place 2 (Bonn): latitude must be between -90 and 90, not 90.1",
        )

    def test_a_longitude_out_of_range(self) -> None:
        self.expect(
            "longitude = 7.1",
            "longitude = -181",
            ", place 2 (Bonn): longitude must be between -180 and 180, not -181",
        )

    def test_a_cable_shorter_than_the_great_circle(self) -> None:
        self.expect(
            "factor = 1.5",
            "factor = 0.9",
            ", wire 1 (koln~bonn): factor must be between 1 and 100, not 0.9",
        )

    def test_a_great_circle_without_a_factor(self) -> None:
        self.expect(
            "factor = 1.5, ",
            "",
            ', wire 1 (koln~bonn): factor and the source "great circle" must stand together',
        )

    def test_a_published_round_trip_with_a_factor(self) -> None:
        self.expect(
            "delay_ms = 2",
            "delay_ms = 2, factor = 1.5",
            ', wire 2 (bonn~trier): factor and the source "great circle" must stand together',
        )

    def test_a_place_without_a_way(self) -> None:
        wire = SMALL.splitlines()[-2]
        self.expect(wire, "", ", place 3 (Trier): no wires lead there from Köln")

    def test_no_edge_at_all(self) -> None:
        self.expect(', edge = "cgn1"', "", ": no place has an edge")

    def test_no_collector(self) -> None:
        self.expect(
            ', role = "collector"',
            "",
            ': exactly one place must have the role "collector", but these have it: none',
        )

    def test_two_collectors(self) -> None:
        self.expect(
            "access_ms = 4.5",
            'access_ms = 4.5, role = "collector"',
            ': exactly one place must have the role "collector", but these have it: Bonn, Trier',
        )

    def test_nobody_who_could_ask(self) -> None:
        with self.assertRaisesRegex(UsageError, 'small.toml: no place has the role "agent"$'):
            load(
                'places = [{ name = "Trier", country = "DE", latitude = 0, longitude = 0, access_ms = 1,'
                ' edge = "t", role = "collector" }]\nwires = []\n'
            )
