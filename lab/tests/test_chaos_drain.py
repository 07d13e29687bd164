import unittest
from typing import Any

from chaos.drain import not_drained

# 2026-11-23T03:10:00Z
TEN_PAST_THREE_S = 1795403400.0


def agent(city: str, **changes: Any) -> dict[str, Any]:
    spool = {"results": 0, "error": None, "reported_at": "2026-11-23T03:10:00.000000Z"}
    state = changes.pop("state", "connected")
    return {"agent": {"id": city}, "state": state, "spool": {**spool, **changes}}


class Drained(unittest.TestCase):
    def left(self, *agents: dict[str, Any], since_s: float = TEN_PAST_THREE_S - 1) -> list[str]:
        return not_drained({"agents": list(agents)}, ["tokyo"], since_s)

    def test_is_who_says_that_the_spool_is_empty(self) -> None:
        self.assertEqual(self.left(agent("tokyo")), [])

    def test_is_not_who_has_results_left(self) -> None:
        self.assertEqual(self.left(agent("tokyo", results=3)), ["tokyo has 3 results left"])

    def test_is_not_who_said_so_too_long_ago(self) -> None:
        left = self.left(agent("tokyo"), since_s=TEN_PAST_THREE_S + 1)
        self.assertEqual(left, ["tokyo has not told of its spool"])
        self.assertEqual(self.left({**agent("tokyo"), "spool": None}), left)

    def test_is_not_who_is_not_there(self) -> None:
        self.assertEqual(self.left(), ["tokyo is not connected"])
        self.assertEqual(self.left(agent("tokyo", state="offline")), ["tokyo is not connected"])

    def test_is_not_whose_disk_is_full(self) -> None:
        left = self.left(agent("tokyo", error="no room"))
        self.assertEqual(left, ["tokyo cannot write its spool: no room"])
