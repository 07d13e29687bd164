"""Which of the demo's agents have to join, and what becomes of an enrolment that fails."""

import os
import tempfile
import unittest
from pathlib import Path

from host.errors import DemoError
from stack.enrolment import IDENTITY_LIMIT_S, has_joined, join_commands


class Enrolment(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.agent, self.collector = self.root / "agent", self.root / "collector"
        self.agent.mkdir()
        (self.collector / "tls").mkdir(parents=True)
        self.authority = self.collector / "tls" / "ca.pem"
        self.authority.touch()
        self.identity = self.agent / "identity.pem"

    def program(self, script: str) -> str:
        path = self.root / "program"
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o700)
        return str(path)

    def test_an_agent_without_an_identity_has_not_joined(self) -> None:
        self.assertFalse(has_joined(self.agent, self.collector))

    def test_an_agent_that_joined_this_collector_goes_on(self) -> None:
        self.identity.touch()
        self.assertTrue(has_joined(self.agent, self.collector))

    def test_an_agent_that_joined_an_earlier_collector_joins_anew(self) -> None:
        self.identity.touch()
        later = self.identity.stat().st_mtime + 10
        os.utime(self.authority, (later, later))
        self.assertFalse(has_joined(self.agent, self.collector))

    def test_an_agent_that_lay_still_for_long_joins_anew(self) -> None:
        self.identity.touch()
        long_ago = self.identity.stat().st_mtime - IDENTITY_LIMIT_S - 1
        for file in (self.identity, self.authority):
            os.utime(file, (long_ago, long_ago))
        self.assertFalse(has_joined(self.agent, self.collector))

    def test_the_command_is_what_a_shell_is_given(self) -> None:
        program = self.program("echo \"echo fbj_1 | firstbyte-agent join --city '$6'\"")
        commands = join_commands(program, self.collector, "a:1", {"São Paulo": self.agent})
        self.assertEqual(
            commands, {"São Paulo": "echo fbj_1 | firstbyte-agent join --city 'São Paulo'"}
        )

    def test_a_refusal_names_the_city_and_the_reason(self) -> None:
        program = self.program("echo no such folder >&2; exit 1")
        with self.assertRaisesRegex(DemoError, "Tokyo was not enrolled: no such folder"):
            join_commands(program, self.collector, "a:1", {"Tokyo": self.agent})


if __name__ == "__main__":
    unittest.main()
