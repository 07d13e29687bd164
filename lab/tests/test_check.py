import unittest

from stack.api import Event
from stack.check import Followed, changed_fields, summary
from tests.documents import whole_test


class FollowedTest(unittest.TestCase):
    def test_a_city_that_ended_before_the_snapshot_counts_from_it(self) -> None:
        followed = Followed("/api/v1/tests/x")
        followed.take(Event("snapshot", whole_test()), 0.25)
        self.assertEqual(followed.ended_after_s["frankfurt"], 0.25)

    def test_a_step_on_the_way_is_no_end(self) -> None:
        followed = Followed("/api/v1/tests/x")
        followed.take(Event("city", {"agent_id": "tokyo", "state": "wait"}), 0.1)
        followed.take(Event("done", {}), 0.2)
        self.assertEqual(followed.ended_after_s, {})


class Words(unittest.TestCase):
    def test_an_absent_field_differs_from_null(self) -> None:
        self.assertEqual(changed_fields({"a": None, "b": 1}, {"b": 1}), ["a"])

    def test_many_complaints_are_counted_after_the_third(self) -> None:
        self.assertEqual(summary(list("abcde")), "a; b; c; and 2 more")
