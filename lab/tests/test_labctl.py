import argparse
import contextlib
import io
import os
import signal
import tempfile
import threading
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

from anycast import command_line, fetching
from anycast.command_line import duration_s, find_node, main
from anycast.fetching import Visit
from anycast.state import StateFolder
from anycast.tables import (
    NOT_EXPECTED,
    columns,
    computed_ms,
    condition_words,
    moves,
    stats_table,
    status_table,
    visit_lines,
    visits_table,
    with_traffic,
)
from anycast.wires import Condition
from host.errors import UsageError
from host.kernel import start_time
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

    def test_case_and_accents_do_not_matter(self) -> None:
        for text, node in (
            ("NY1", "ny1"),
            ("NEW YORK", "new-york"),
            ("Router-Tokyo", "router-tokyo"),
            ("router-São Paulo", "router-sao-paulo"),
        ):
            self.assertEqual(find_node(TOPOLOGY, text), node)

    def test_an_unknown_one_is_answered_with_all_there_are(self) -> None:
        with self.assertRaisesRegex(
            UsageError,
            'no node "router-berlin"; there are the cities New York, .*Dublin,'
            " the edges ny1, .*wuh1, and router-CITY in each city$",
        ):
            find_node(TOPOLOGY, "router-berlin")

    def test_the_wire_room_is_none(self) -> None:
        with self.assertRaises(UsageError):
            find_node(TOPOLOGY, "wire")


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
        for words in (["status"], ["stats"], ["cut", "ny1"], ["link", "london", "paris", "--down"],
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

    def test_only_exec_takes_a_command(self) -> None:
        self.assertEqual(
            self.run_labctl("down", "--", "id"), (2, "labctl: down takes no command after --")
        )


class Stopping(unittest.TestCase):
    def test_sigterm_is_ctrl_c(self) -> None:
        before = signal.getsignal(signal.SIGTERM)
        self.addCleanup(signal.signal, signal.SIGTERM, before)

        def stop_us(*_: object) -> None:
            os.kill(os.getpid(), signal.SIGTERM)

        with mock.patch.dict(command_line.VERBS, {"possible": stop_us}):
            self.assertEqual(main(["possible"]), 130)


class Link(unittest.TestCase):
    def link(self, look: dict[str, Any], *words: str) -> tuple[int, str]:
        """`link london dublin` in a lab whose routers see this."""
        state = mock.Mock()
        state.request.side_effect = lambda verb, **_: {"agreement": look}.get(
            verb, vars(Condition(5.0))
        )
        said = io.StringIO()
        with (
            contextlib.redirect_stdout(said),
            mock.patch.object(command_line, "StateFolder", return_value=state),
            mock.patch.object(command_line, "AGREEMENT_LIMIT_S", 0.0),
        ):
            return main(["link", "london", "dublin", *words]), said.getvalue()

    def test_routers_that_never_agree_are_a_failure(self) -> None:
        look = {"of": 28, "right": 27, "wrong": ["London IPv4: no route instead of ams1"]}
        status, said = self.link(look, "--down")
        self.assertEqual(status, 1)
        self.assertIn("still wrong: London IPv4", said)

    def test_routers_that_agree_are_none(self) -> None:
        status, said = self.link({"of": 28, "right": 28, "wrong": []}, "--down")
        self.assertEqual(status, 0)
        self.assertIn("all routers agree", said)

    def test_without_down_or_up_nobody_is_asked(self) -> None:
        self.assertEqual(self.link({}, "--delay", "5"), (0, "london - dublin: delay 5 ms\n"))


def status_document(**new_york: Any) -> dict[str, Any]:
    """What the holder says when all is well, but for what New York sees."""
    city = {"edge": "ny1", "expected": "ny1", "rtt_ms": 7.9, "computed_ms": 7.5}
    healthy = {"state": "alive", "city": "new-york", "health": "up", "not_running": []}
    return {
        "cities": {"new-york": {**city, **new_york}},
        "edges": {"ny1": healthy},
        "routers": {"not_running": []},
        "wires": {"kind": "wire daemon", "running": True, "changed": {}},
        "memory_pss_mb": 77.3,
    }


class Status(unittest.TestCase):
    def test_a_column_says_what_it_measured(self) -> None:
        heading, row = status_table(status_document()).splitlines()[:2]
        self.assertEqual(heading, "City      Edge  Expected  One DNS query, ms  Computed, ms")
        self.assertEqual(row.split(), ["new-york", "ny1", "ny1", "7.9", "7.5"])

    def test_an_unanswered_query_is_not_another_edges_answer(self) -> None:
        row = status_table(status_document(edge=None, rtt_ms=None)).splitlines()[1]
        self.assertEqual(row.split("  "), ["new-york", "no answer", "ny1", *row.split("  ")[3:]])
        self.assertNotIn(NOT_EXPECTED, row)

    def test_another_edges_answer_is_marked(self) -> None:
        row = status_table(status_document(edge="la1", rtt_ms=57.0)).splitlines()[1]
        self.assertTrue(row.endswith(NOT_EXPECTED), row)

    def test_what_is_well_is_not_mentioned(self) -> None:
        last = status_table(status_document()).splitlines()[-1]
        self.assertEqual(last, "wires by the wire daemon; memory 77.3 MB PSS")

    def test_what_does_not_run_is_named(self) -> None:
        document = status_document()
        document["edges"]["ny1"].update(state="killed", not_running=["nginx"])
        document["routers"]["not_running"] = ["tokyo", "london"]
        document["wires"]["running"] = False
        said = status_table(document)
        self.assertRegex(said, "ny1 +new-york +killed +up +nginx")
        self.assertIn("routers not running: tokyo, london", said)
        self.assertIn("the wire daemon is not running", said)

    def test_computed_is_twice_the_way_to_the_expected_edge(self) -> None:
        document = status_document(expected="la1")
        self.assertEqual(computed_ms(document, TOPOLOGY), {"new-york": 56.7})

    def test_computed_goes_around_a_wire_that_is_down(self) -> None:
        document = status_document(expected="la1")
        document["wires"]["changed"] = {
            "new-york~los-angeles": vars(Condition(24.6, up=False)),
            "access~new-york": vars(Condition(300)),
        }
        (computed,) = computed_ms(document, TOPOLOGY).values()
        assert computed is not None
        self.assertGreater(computed, 200)

    def test_without_an_expected_edge_or_a_known_city_nothing_is_computed(self) -> None:
        document = status_document(expected=None)
        document["cities"]["bonn"] = {"expected": "ny1"}
        self.assertEqual(computed_ms(document, TOPOLOGY), {"new-york": None, "bonn": None})


def counted(**counts: int) -> dict[str, int]:
    """One direction's counters."""
    keys = "packets bytes lost down overflowed in_flight late_p50_us late_p99_us late_max_us"
    return {**dict.fromkeys(keys.split(), 0), **counts}


class Stats(unittest.TestCase):
    busy = {
        "delay_us": 24600,
        "a_to_b": counted(packets=12, bytes=900, late_p50_us=7, late_p99_us=40, late_max_us=95),
        "b_to_a": counted(lost=3),
    }
    idle = {"delay_us": 0, "a_to_b": counted(), "b_to_a": counted()}

    def test_one_row_for_each_direction(self) -> None:
        document = {"wires": {"new-york~los-angeles": self.busy}, "missed": 2}
        heading, there, back, _, missed = stats_table(document).splitlines()
        self.assertTrue(heading.startswith("Wire "))
        self.assertEqual(
            there.split(),
            ["new-york", "->", "los-angeles", "24.6", "12", "900", *"0000", "7", "40", "95"],
        )
        self.assertTrue(back.startswith("los-angeles -> new-york"))
        self.assertEqual(missed, "dropped by the kernel before any wire saw them: 2")

    def test_traffic_is_also_what_was_lost(self) -> None:
        lossy = {**self.idle, "b_to_a": counted(lost=1)}
        wires = {"a~b": self.busy, "uplink~ny1": self.idle, "access~tokyo": lossy}
        self.assertEqual(list(with_traffic(wires)), ["a~b", "access~tokyo"])

    def test_without_traffic_the_heading_stands_alone(self) -> None:
        self.assertEqual(len(stats_table({"wires": {}, "missed": 0}).splitlines()), 3)


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


class VisitsFromAll(unittest.TestCase):
    def visit_from_all(self, enter: mock.Mock) -> list[Visit]:
        """With no network at all: who visits is told by the namespace that was entered."""
        here = threading.local()

        def note(file: Path) -> None:
            enter(file)
            here.city = file.name

        with (
            mock.patch.object(fetching, "enter_network", note),
            mock.patch.object(fetching, "visit", lambda *_: Visit(address=here.city)),
        ):
            context = fetching.ssl.create_default_context()
            return fetching.visit_from_all(Path("namespaces"), ["tokyo", "london"], context)

    def test_nobody_begins_before_all_are_there(self) -> None:
        visits = self.visit_from_all(mock.Mock())
        self.assertEqual([visit.address for visit in visits], ["tokyo", "london"])

    def test_a_city_that_cannot_be_entered_keeps_nobody_waiting(self) -> None:
        with self.assertRaisesRegex(OSError, "no such city"):
            self.visit_from_all(mock.Mock(side_effect=[OSError("no such city"), None]))


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
