#!/usr/bin/env python3
"""labctl against real labs: lab_test.py --build-dir DIR [unittest's arguments].

Ends with 77, as test runners know it, where no lab can run.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
LABCTL = [sys.executable, "-B", str(REPOSITORY / "lab" / "labctl")]

NOT_HERE = 77
CALL_LIMIT_S = 30.0
SOON_S = 5.0
# Should even this process be killed: the labs do not survive it for long.
TTL = "3m"

Ended = subprocess.CompletedProcess[str]


class Lab:
    """A lab by its state folder, and labctl as people call it."""

    def __init__(self, folder: Path, build_dir: Path) -> None:
        self.folder = folder
        self._build_dir = build_dir

    def command(self, verb: str, *words: str) -> list[str]:
        """A call, in words."""
        if verb == "up":
            words = ("--build-dir", str(self._build_dir), "--ttl", TTL, *words)
        return [*LABCTL, "--state-dir", str(self.folder), verb, *words]

    def run(self, verb: str, *words: str) -> Ended:
        """A call and how it ended."""
        return subprocess.run(
            self.command(verb, *words),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=CALL_LIMIT_S,
            check=False,
        )

    def start(self, verb: str, *words: str) -> subprocess.Popen[str]:
        """A call that is not waited for."""
        return subprocess.Popen(
            self.command(verb, *words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def must(self, verb: str, *words: str) -> str:
        """A call that has to succeed, and what it said."""
        ended = self.run(verb, *words)
        said = ended.stdout + ended.stderr
        if ended.returncode != 0:
            raise AssertionError(f"{verb} {' '.join(words)} gave {ended.returncode}: {said}")
        return said

    def status(self) -> dict[str, Any]:
        """The document of `status --json`."""
        document: dict[str, Any] = json.loads(self.must("status", "--json"))
        return document

    @property
    def holder(self) -> int:
        """The process that the lab lives and dies with."""
        owner = json.loads((self.folder / "holder.json").read_text(encoding="ascii"))
        return int(owner["pid"])

    def pid_of(self, program: str, folder: str) -> int:
        """A process of the lab, by its name and its working directory below the lab's own.

        The folder is looked up as the holder sees it: in a chroot its name says nothing.
        """
        inside = Path(f"/proc/{self.holder}/root{self.folder}/inside", folder)
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if (entry / "comm").read_text(encoding="utf-8").strip() != program:
                    continue
                if os.path.samefile(entry / "cwd", inside):
                    return int(entry.name)
        raise AssertionError(f"no {program} runs in {folder}")


def wait_until(holds: Callable[[], bool], what: str, limit_s: float = SOON_S) -> None:
    """Polls; fails with what was waited for."""
    deadline = time.monotonic() + limit_s
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"after {limit_s:g} s still not: {what}")
        time.sleep(0.05)


class OneLab(unittest.TestCase):
    """What is done to a lab and undone again; all of it to the same one."""

    lab: Lab
    said_up: str

    @classmethod
    def setUpClass(cls) -> None:
        cls.lab = Lab(settings.root / "one", settings.build_dir)
        cls.said_up = cls.lab.must("up")
        cls.addClassCleanup(cls.lab.run, "down")

    def afterwards(self, *words: str) -> None:
        """Undone whatever happens; it may have been undone already."""
        self.addCleanup(self.lab.run, *words)

    def assert_answers(self, city: str, edge: str) -> None:
        """The city is answered by that edge, over IPv4 and IPv6."""
        with ThreadPoolExecutor() as pool:
            for said in pool.map(lambda family: self.lab.must("get", city, *family), ((), ("-6",))):
                self.assertIn(f"edge {edge},", said)

    def assert_refused(self, *words: str) -> None:
        """Exit status 2 and one sentence."""
        ended = self.lab.run(*words)
        self.assertEqual((ended.returncode, ended.stdout), (2, ""), words)
        self.assertRegex(ended.stderr, r"\Alabctl: [^\n]+\n\Z")

    def test_up_says_28_of_28(self) -> None:
        self.assertIn("28 of 28 choices", self.said_up)

    def test_up_twice_is_refused(self) -> None:
        self.assert_refused("up")
        self.assertEqual(len(self.lab.status()["cities"]), 14)

    def test_status_json_meets_the_contract(self) -> None:
        document = self.lab.status()
        self.assertEqual(
            set(document), {"cities", "edges", "routers", "wires", "memory_pss_mb"}
        )
        self.assertEqual((len(document["cities"]), len(document["edges"])), (14, 9))
        for slug, city in document["cities"].items():
            self.assertEqual(set(city), {"edge", "expected", "rtt_ms", "computed_ms"})
            self.assertEqual(city["edge"], city["expected"], slug)
            # Nothing is faster than the wires; how much slower is up to the machine.
            self.assertGreaterEqual(city["rtt_ms"], city["computed_ms"] - 0.1, slug)
        for name, edge in document["edges"].items():
            city = edge.pop("city")
            self.assertEqual(edge, {"state": "alive", "health": "up", "not_running": []}, name)
            self.assertEqual(document["cities"][city]["edge"], name)
        self.assertEqual(document["routers"], {"not_running": []})
        self.assertEqual(set(document["wires"]), {"kind", "running", "changed"})
        self.assertEqual((document["wires"]["running"], document["wires"]["changed"]), (True, {}))
        self.assertGreater(document["memory_pss_mb"], 10)

    def test_table_has_an_answer_from_every_city(self) -> None:
        for family in ((), ("-6",)):
            said = self.lab.must("table", *family)
            self.assertEqual(len(re.findall(r"  200  .* [a-z]+1$", said, re.MULTILINE)), 14, said)

    def test_stats_counts_what_a_city_asked(self) -> None:
        if self.lab.status()["wires"]["kind"] == "netem":
            self.skipTest("the kernel's netem has no such counters")

        def packets() -> int:
            document = json.loads(self.lab.must("stats", "--json", "--all"))
            self.assertEqual(set(document), {"wires", "missed"})
            self.assertEqual(len(document["wires"]), 26 + 15 + 9)
            return int(document["wires"]["access~tokyo"]["b_to_a"]["packets"])

        before = packets()
        self.lab.must("get", "tokyo")
        self.assertGreater(packets(), before + 5)
        self.assertRegex(self.lab.must("stats"), r"(?m)^tokyo -> access +2\.6 ")

    def test_a_cut_edges_city_is_answered_by_the_next_one(self) -> None:
        self.afterwards("revive", "ny1")
        self.assertIn("new-york: ny1 -> la1", self.lab.must("cut", "NY1"))
        self.assert_answers("New York", "la1")
        self.lab.must("revive", "ny1")
        self.assert_answers("New York", "ny1")

    def test_a_dead_web_server_is_left_when_the_health_check_is_on(self) -> None:
        self.afterwards("revive", "ny1")
        self.lab.must("kill", "ny1", "--only", "web")
        self.assert_answers("New York", "la1")
        edge = self.lab.status()["edges"]["ny1"]
        self.assertEqual((edge["state"], edge["not_running"]), ("killed", ["nginx"]))

    def test_a_dead_web_server_is_a_black_hole_until_the_health_check_is_on(self) -> None:
        self.afterwards("revive", "ny1")
        self.afterwards("health", "on")
        self.lab.must("health", "off")
        self.assertNotIn("->", self.lab.must("kill", "ny1", "--only", "web"))
        failed = self.lab.run("get", "New York")
        self.assertEqual(failed.returncode, 1)
        self.assertIn("failed in connect", failed.stdout)
        self.lab.must("health", "on")
        wait_until(lambda: self.lab.run("get", "New York").returncode == 0, "an answer")
        self.assert_answers("New York", "la1")

    def test_a_drained_edge_is_left_and_comes_back(self) -> None:
        self.afterwards("revive", "ny1")
        self.lab.must("drain", "ny1")
        self.assertEqual(self.lab.status()["edges"]["ny1"]["state"], "drained")
        self.assert_answers("New York", "la1")
        self.lab.must("revive", "ny1")
        self.assert_answers("New York", "ny1")

    def test_an_edge_whose_bird_was_shot_by_somebody_else_can_be_revived(self) -> None:
        self.afterwards("revive", "ny1")
        os.kill(self.lab.pid_of("bird", "edges/ny1"), signal.SIGKILL)
        wait_until(
            lambda: self.lab.status()["edges"]["ny1"]["not_running"] == ["bird"], "it is noticed"
        )
        self.lab.must("revive", "ny1")
        self.assertEqual(self.lab.status()["edges"]["ny1"]["not_running"], [])
        self.assert_answers("New York", "ny1")

    def test_a_longer_wire_is_seen_in_the_round_trip(self) -> None:
        self.afterwards("link", "tokyo", "access", "--delay", "2.6")
        self.lab.must("link", "tokyo", "access", "--delay", "102.6")
        city = self.lab.status()["cities"]["tokyo"]
        self.assertGreaterEqual(city["rtt_ms"], city["computed_ms"] + 199.9)
        self.assertIn("changed: access~tokyo delay 102.6 ms", self.lab.must("status"))

    def test_a_last_mile_that_loses_everything_is_no_answer(self) -> None:
        self.afterwards("link", "london", "access", "--loss", "0")
        self.lab.must("link", "london", "access", "--loss", "100")
        with ThreadPoolExecutor() as pool:
            failed, status = pool.map(
                lambda words: self.lab.run(*words), (("get", "london"), ("status",))
            )
        self.assertEqual(failed.returncode, 1)
        self.assertIn("failed in dns", failed.stdout)
        self.assertRegex(status.stdout, r"(?m)^london +no answer +ams1 ")
        self.assertNotIn("not the expected", status.stdout)

    def test_a_wire_that_is_down_is_gone_around(self) -> None:
        self.afterwards("link", "london", "amsterdam", "--up")
        self.assertIn("all routers agree", self.lab.must("link", "london", "amsterdam", "--down"))
        self.assert_answers("London", "ny1")
        self.assertIn("all routers agree", self.lab.must("link", "amsterdam", "london", "--up"))
        self.assert_answers("London", "ams1")

    def test_what_does_not_exist_is_refused_in_one_sentence(self) -> None:
        for words in (
            ("cut", "fra1"),
            ("revive", "ny1"),
            ("get", "Berlin"),
            ("exec", "router-berlin", "--", "true"),
            ("exec", "tokyo", "--", "there-is-no-such-program"),
            ("exec", "tokyo"),
            ("link", "tokyo", "london", "--down"),
            ("link", "tokyo", "access"),
            ("link", "tokyo", "access", "--loss", "101"),
            ("link", "ny1", "uplink", "--down"),
        ):
            with self.subTest(words):
                self.assert_refused(*words)

    def test_four_calls_at_once_all_succeed(self) -> None:
        calls = (("status",), ("stats", "--json"), ("get", "tokyo"), ("status", "--json"))
        if self.lab.status()["wires"]["kind"] == "netem":
            calls = (*calls[:1], ("link", "tokyo", "access", "--delay", "2.6"), *calls[2:])
        with ThreadPoolExecutor() as pool:
            for said in pool.map(lambda words: self.lab.must(*words), calls):
                self.assertTrue(said)

    def test_exec_runs_in_the_city_and_passes_on_its_status(self) -> None:
        self.assertIn("dev wan", self.lab.must("exec", "Tokyo", "--", "ip", "route", "get", "1.2.3.4"))
        self.assertIn("b-hangzhou", self.lab.must("exec", "Router-Tokyo", "--", "ip", "-o", "link"))
        loopback = self.lab.must("exec", "NY1", "--", "ip", "-o", "addr", "show", "dev", "lo")
        self.assertIn("198.51.100.1/32", loopback)
        self.assertEqual(self.lab.run("exec", "tokyo", "--", "sh", "-c", "exit 7").returncode, 7)


class BeginningsAndEnds(unittest.TestCase):
    """Each with a lab of its own."""

    def setUp(self) -> None:
        self.lab = Lab(settings.root / "other", settings.build_dir)
        self.addCleanup(self.lab.run, "down")

    def test_down_leaves_nothing(self) -> None:
        self.lab.must("up")
        bird = self.lab.pid_of("bird", "edges/ny1")
        self.assertEqual(self.lab.must("down"), "down\n")
        self.assertFalse(self.lab.folder.exists())
        self.assertFalse(lives(bird))

    def test_a_lab_goes_down_by_itself_when_its_time_is_over(self) -> None:
        up = self.lab.start("up", "--ttl", "2s")
        wait_until(lambda: (self.lab.folder / "holder.json").exists(), "a holder")
        holder = self.lab.holder
        up.communicate()  # where it took two seconds to build, there is no lab any more to speak of
        wait_until(lambda: not self.lab.folder.exists(), "the folder is gone", 2 + SOON_S)
        wait_until(lambda: not lives(holder), "the holder is gone")

    def test_where_a_holder_was_shot_a_new_lab_can_be_made(self) -> None:
        self.lab.must("up")
        bird = self.lab.pid_of("bird", "edges/ny1")
        os.kill(self.lab.holder, signal.SIGKILL)
        wait_until(lambda: not lives(bird), "its processes are gone")
        self.assertEqual(self.lab.run("status").returncode, 2)
        self.assertIn("28 of 28", self.lab.must("up"))

    def test_a_folder_with_a_foreign_file_is_refused_and_left_alone(self) -> None:
        self.lab.folder.mkdir()
        self.addCleanup(shutil.rmtree, self.lab.folder)
        foreign = self.lab.folder / "thesis.txt"
        foreign.write_text("three years of work\n", encoding="ascii")
        for verb in ("up", "down"):
            ended = self.lab.run(verb)
            self.assertEqual(ended.returncode, 2, verb)
            self.assertIn("thesis.txt", ended.stderr)
            self.assertEqual(os.listdir(self.lab.folder), ["thesis.txt"])
            self.assertEqual(foreign.read_text(encoding="ascii"), "three years of work\n")

    def test_of_two_ups_at_once_one_succeeds_and_the_other_is_refused(self) -> None:
        both = [self.lab.start("up") for _ in range(2)]
        said = [up.communicate(timeout=CALL_LIMIT_S) for up in both]
        self.assertEqual(sorted(up.returncode for up in both), [0, 2], said)
        self.assertEqual(len(self.lab.status()["cities"]), 14)

    def test_an_up_that_is_told_to_stop_leaves_nothing(self) -> None:
        for signum in (signal.SIGTERM, signal.SIGINT):
            up = self.lab.start("up")
            wait_until(lambda: (self.lab.folder / "holder.json").exists(), "a holder")
            holder = self.lab.holder
            up.send_signal(signum)
            self.assertEqual(up.communicate(timeout=CALL_LIMIT_S), ("", ""))
            self.assertEqual(up.returncode, 130)
            self.assertFalse(self.lab.folder.exists())
            wait_until(lambda: not lives(holder), "the holder is gone")


def lives(pid: int) -> bool:
    """Whether there is such a process; a zombie is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return stat[stat.rindex(")") + 2] not in "ZX"


def main() -> int:
    """Makes a folder for the labs, and takes it away again with whatever is left in it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--build-dir", type=Path, required=True, metavar="DIR")
    _, rest = options.parse_known_args(namespace=settings)
    possible = subprocess.run([*LABCTL, "possible"], capture_output=True, text=True, check=False)
    if possible.returncode == NOT_HERE:
        print(f"no lab can run here: {possible.stdout.strip()}")
        return NOT_HERE
    var = REPOSITORY / "var"
    var.mkdir(exist_ok=True)
    settings.root = Path(tempfile.mkdtemp(prefix="lab-test-", dir=var))
    try:
        program = unittest.main(module=__name__, argv=[sys.argv[0], *rest], exit=False)
        return 0 if program.result.wasSuccessful() else 1
    finally:
        for folder in settings.root.iterdir():
            Lab(folder, settings.build_dir).run("down")
        shutil.rmtree(settings.root)


# The command line's options and `root`, the folder of the labs.
settings = argparse.Namespace()

if __name__ == "__main__":
    sys.exit(main())
