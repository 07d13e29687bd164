import unittest

from stack.api import parse_events
from host.folder import REPOSITORY

GOLDEN = REPOSITORY / "tests" / "golden" / "api" / "events.sse"


class ParseEvents(unittest.TestCase):
    def test_the_golden_stream_is_a_snapshot_two_steps_and_the_end(self) -> None:
        with open(GOLDEN, "rb") as lines:
            events = list(parse_events(lines))
        self.assertEqual([e.name for e in events], ["snapshot", "city", "city", "done"])
        self.assertEqual(events[1].data["state"], "wait")

    def test_a_comment_is_no_event(self) -> None:
        self.assertEqual(list(parse_events([b": still here\n", b"\n"])), [])

    def test_an_event_that_was_cut_off_is_no_event(self) -> None:
        self.assertEqual(list(parse_events([b"event: done\n", b"data: {}\n"])), [])
