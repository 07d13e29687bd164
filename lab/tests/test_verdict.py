import unittest

from stack.verdict import judge_locations, judge_same, judge_test
from tests.documents import EDGES, TOPOLOGY, offline, whole_test

NEW_YORK, FRANKFURT = 0, 9


class JudgeTest(unittest.TestCase):
    def setUp(self) -> None:
        self.test = whole_test()
        self.cities = self.test["cities"]

    def test_a_good_test_gives_no_complaint(self) -> None:
        self.assertEqual(judge_test(self.test, EDGES), [])

    def test_the_order_of_the_cities_does_not_matter(self) -> None:
        self.cities.reverse()
        self.assertEqual(judge_test(self.test, EDGES), [])

    def test_a_missing_city_is_named(self) -> None:
        del self.cities[FRANKFURT]
        self.assertEqual(
            judge_test(self.test, EDGES),
            [
                "expected the 14 cities once each, saw 13 rows"
                " (missing: frankfurt; too many: none)"
            ],
        )

    def test_a_city_that_comes_twice_is_named(self) -> None:
        self.cities.append(self.cities[NEW_YORK])
        self.assertIn("too many: new-york", judge_test(self.test, EDGES)[0])

    def test_a_running_test_is_not_finished(self) -> None:
        self.test["state"] = "running"
        self.assertEqual(
            judge_test(self.test, EDGES), ["expected the test to be finished, saw running"]
        )

    def test_a_failed_city_is_given_with_its_reason(self) -> None:
        self.cities[FRANKFURT]["state"] = "failed"
        self.cities[FRANKFURT]["result"]["failure"] = {"message": "port 8443 refused"}
        self.assertEqual(
            judge_test(self.test, EDGES),
            ["expected frankfurt finished, saw failed (port 8443 refused)"],
        )

    def test_another_status_than_200_is_a_complaint(self) -> None:
        self.cities[NEW_YORK]["result"]["status"] = 503
        self.assertEqual(judge_test(self.test, EDGES), ["expected status 200 in new-york, saw 503"])

    def test_a_farther_edge_is_a_complaint(self) -> None:
        self.cities[NEW_YORK]["result"]["edge"] = "la1"
        self.assertEqual(judge_test(self.test, EDGES), ["expected the edge ny1 in new-york, saw la1"])

    def test_phases_that_do_not_add_up_are_a_complaint(self) -> None:
        self.cities[NEW_YORK]["result"]["timings"]["other_us"] = 8
        self.assertEqual(
            judge_test(self.test, EDGES),
            ["expected the phases and `other` in new-york to add up to 4657 us, saw 4658 us"],
        )

    def test_the_expected_offline_city_is_no_complaint(self) -> None:
        self.cities[FRANKFURT] = offline(TOPOLOGY.find_city("Frankfurt"))
        self.assertEqual(judge_test(self.test, EDGES, ["frankfurt"]), [])

    def test_an_offline_city_nobody_killed_is_a_complaint(self) -> None:
        self.cities[FRANKFURT] = offline(TOPOLOGY.find_city("Frankfurt"))
        self.assertIn("expected frankfurt finished, saw offline", judge_test(self.test, EDGES)[0])

    def test_a_killed_city_that_still_answers_is_a_complaint(self) -> None:
        self.assertEqual(
            judge_test(self.test, EDGES, ["frankfurt"]), ["expected frankfurt offline, saw finished"]
        )


class JudgeLocationsTest(unittest.TestCase):
    def setUp(self) -> None:
        self.test = whole_test()
        self.new_york = self.test["cities"][NEW_YORK]["result"]

    def test_edges_in_their_places_give_no_complaint(self) -> None:
        self.test["cities"][FRANKFURT] = offline(TOPOLOGY.find_city("Frankfurt"))
        self.assertEqual(judge_locations(self.test, TOPOLOGY.edges), [])

    def test_an_edge_in_another_place_is_named_with_both(self) -> None:
        self.new_york["edge_location"]["city"] = "Boston"
        self.assertEqual(
            judge_locations(self.test, TOPOLOGY.edges),
            ["expected ny1 of new-york in New York, saw Boston"],
        )

    def test_an_edge_of_which_nobody_knows_where_it_stands_is_a_complaint(self) -> None:
        self.new_york["edge_location"] = None
        self.assertEqual(
            judge_locations(self.test, TOPOLOGY.edges),
            ["expected ny1 of new-york in New York, saw None"],
        )


class JudgeSameTest(unittest.TestCase):
    def test_other_times_are_the_same_outcome(self) -> None:
        again = whole_test()
        again["cities"][NEW_YORK]["result"]["timings"]["ttfb_us"] = 9999
        self.assertEqual(judge_same(whole_test(), again), [])

    def test_another_edge_is_named_with_both(self) -> None:
        again = whole_test()
        again["cities"][NEW_YORK]["result"]["edge"] = "la1"
        self.assertEqual(
            judge_same(whole_test(), again),
            ["expected new-york as before, finished 200 at ny1, saw finished 200 at la1"],
        )
