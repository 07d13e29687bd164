import argparse
import contextlib
import io
import tempfile
import unittest
from pathlib import Path

from anycast.command_line import duration_s, find_node, main
from anycast.fetching import Visit
from anycast.state import StateFolder, start_time
from anycast.tables import columns, condition_words, moves, visit_lines, visits_table
from anycast.wires import Condition
from host.errors import UsageError
from measure.drill import Ask, find
from tests.documents import TOPOLOGY


class Durations(unittest.TestCase):
    def test_seconds_minutes_and_hours(self) -> None:
        self.assertEqual([duration_s(text) for text in ("90", "90s", "1.5m", "2h")], [90, 90, 90, 7200])

    def test_what_is_none(self) -> None:
        for text in ("", "soon", "-1", "0", "nan", "1000h"):
            with self.assertRaises(argparse.ArgumentTypeError):
                duration_s(text)


class Nodes(unittest.TestCase):
    def test_cities_edges_and_routers(self) -> None:
        for text, node in (("São Paulo", "sao-paulo"), ("ny1", "ny1"), ("router-tokyo",) * 2):
            self.assertEqual(find_node(TOPOLOGY, text), node)

    def test_an_unknown_one(self) -> None:
        with self.assertRaisesRegex(UsageError, 'no place "router-berlin"'):
            find_node(TOPOLOGY, "router-berlin")


class WithoutALab(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.state = StateFolder(Path(folder.name) / "lab")

    def run_labctl(self, *words: str) -> tuple[int, str]:
        said = io.StringIO()
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            status = main(["--state-dir", str(self.state.root), *words])
        return status, said.getvalue().strip()

    def test_every_verb_says_in_one_sentence_that_none_is_up(self) -> None:
        for words in (["status"], ["cut", "ny1"], ["link", "london", "paris", "--down"],
                      ["health", "off"], ["table"], ["get", "tokyo"], ["exec", "tokyo", "--", "id"]):
            self.assertEqual(
                self.run_labctl(*words), (2, "labctl: no lab is up; labctl up starts one")
            )
        self.assertEqual(self.run_labctl("down"), (2, "labctl: no lab is up"))

    def test_what_a_crashed_lab_left_is_removed(self) -> None:
        self.state.root.mkdir()
        # A holder that lives no more: our number with another start.
        pid = 1
        started = (start_time(pid) or 0) + 1
        (self.state.root / "holder.json").write_text(f'{{"pid": {pid}, "started": {started}}}')
        self.assertIsNone(self.state.holder)
        self.assertEqual(self.run_labctl("down"), (0, "removed what a crashed lab had left"))
        self.assertFalse(self.state.root.exists())

    def test_a_bad_topology_is_refused_before_anything_is_made(self) -> None:
        bad = self.state.root.parent / "bad.toml"
        bad.write_text("places = 3\n")
        status, said = self.run_labctl("--topology", str(bad), "up")
        self.assertEqual(status, 2)
        self.assertIn("bad.toml", said)
        self.assertFalse(self.state.root.exists())

    def test_link_wants_to_be_told_what(self) -> None:
        status, said = self.run_labctl("link", "london", "dublin")
        self.assertEqual(status, 2)
        self.assertIn("link needs --delay", said)


class Tables(unittest.TestCase):
    def test_numbers_stand_to_the_right(self) -> None:
        self.assertEqual(columns([("a", "ms"), ("bb", "10.0")], numbers=[1]), "a     ms\nbb  10.0")

    def test_who_moved(self) -> None:
        before = {"tokyo": "hgh1", "london": "ams1", "sydney": "syd1"}
        after = {"tokyo": "wuh1", "london": "ams1", "sydney": None}
        self.assertEqual(moves(before, after), ["tokyo: hgh1 -> wuh1", "sydney: syd1 -> nowhere"])

    def test_a_condition_in_words(self) -> None:
        self.assertEqual(condition_words(vars(Condition(2.9, up=False))), "delay 2.9 ms, down")
        self.assertEqual(
            condition_words(vars(Condition(20, 2, 1, 100))),
            "delay 20 ms, jitter 2 ms, loss 1 %, rate 100 Mbit/s",
        )

    def test_a_failed_visit_says_where(self) -> None:
        visit = Visit({"dns": 7.5}, "198.51.100.1", failure="connect: timed out")
        self.assertIn("failed in connect: timed out", visit_lines("Tokyo", visit))
        self.assertIn("connect: timed out", visits_table(["Tokyo"], [visit]))

    def test_ttfb_is_the_sum_of_its_phases_and_needs_all_of_them(self) -> None:
        phases = {"dns": 7.5, "connect": 7.5, "tls": 8.0, "wait": 7.5}
        self.assertEqual(Visit(phases).ttfb_ms, 30.5)
        self.assertIsNone(Visit({"dns": 7.5}).ttfb_ms)


class DrillFindings(unittest.TestCase):
    def test_failed_slow_and_rerouted(self) -> None:
        asks = [
            Ask(-1.0, 0.02, "ny1"),  # long over when it happened
            Ask(-0.01, 2.0, None),  # under way
            Ask(0.1, 1.1, "la1"),  # its first SYN was lost
            Ask(0.2, 0.2, "la1"),
            Ask(0.3, 0.2, "la1"),
        ]
        found = find(asks, "ny1")
        self.assertEqual((found.asked, found.failed, found.slow), (4, 1, 1))
        self.assertEqual((found.rerouted_after_s, found.bad_until_s), (0.2, 0.1))

    def test_nothing_happened(self) -> None:
        found = find([Ask(0.1, 0.02, "ny1")], "ny1")
        self.assertEqual((found.failed, found.slow), (0, 0))
        self.assertIsNone(found.rerouted_after_s)
        self.assertIsNone(found.bad_until_s)
