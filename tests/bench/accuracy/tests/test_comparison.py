"""Results held against the wire."""

import unittest
from dataclasses import replace

from accuracy.comparison import Summary, compare, plant, summarize, summary
from accuracy.results import OUR_DEFINITIONS, PEERS_DEFINITIONS, Result
from accuracy.truth import Truth, Wire

TRUTH = Truth(
    **{"local_port": 4000, "query_out": 0, "dns_answer_in": 4_000_000, "dns_waited_ns": 3_900_000},
    **{"syn_out": 4_100_000, "syn_ack_in": 4_160_000, "hello_out": 4_500_000},
    **{"flight_in": 5_000_000, "finished_out": 5_800_000, "request_out": 5_900_000},
    **{"answer_in": 26_000_000, "answer_end": 26_040_000},
)
URL = "https://p1.bench.test/20/200"
WIRE = Wire({"p1.bench.test": TRUTH}, {"p2.bench.test": "no SYN-ACK"})
EXACT = {"dns": 3_900.0, "connect": 60.0, "tls": 500.0, "wait": 20_100.0}


class CompareTest(unittest.TestCase):
    """Errors, and what is left out."""

    def test_ours_is_exact_by_our_definitions(self) -> None:
        errors = compare([Result(URL, EXACT, 4000)], WIRE, OUR_DEFINITIONS)
        self.assertEqual({summary.largest for summary in summarize(errors).values()}, {0.0})

    def test_a_peers_tls_ends_with_its_finished(self) -> None:
        errors = compare([Result(URL, {**EXACT, "tls": 1_300.0})], WIRE, PEERS_DEFINITIONS)
        self.assertEqual(errors.by_phase["tls"], [0.0])
        self.assertEqual(errors.by_phase["tls - flight"], [800.0])
        self.assertEqual(errors.by_phase["dns"], [-100.0])
        self.assertEqual(errors.by_phase["total"], [-100.0])

    def test_failed_and_unmatched_probes_are_counted(self) -> None:
        results = [
            Result(URL, {}, failure="refused"),
            Result("https://p2.bench.test/", EXACT),
            Result("https://p3.bench.test/", EXACT),
            Result(URL, EXACT, local_port=4001),
        ]
        errors = compare(results, WIRE, OUR_DEFINITIONS)
        self.assertEqual((errors.failed, errors.unmatched, errors.wrong_port), (1, 2, 1))
        self.assertEqual((errors.left_out, errors.compared), (4, 0))
        self.assertEqual(errors.reasons["no SYN-ACK"], 1)

    def test_phases_by_the_agents_own_clock_are_counted(self) -> None:
        result = replace(Result(URL, EXACT), by_own_clock=("wait",))
        self.assertEqual(compare([result], WIRE, OUR_DEFINITIONS).by_own_clock["wait"], 1)


class SummaryTest(unittest.TestCase):
    """Percentiles."""

    def test_the_bias_has_a_sign_and_the_others_have_none(self) -> None:
        found = summary([-5.0, -3.0, 1.0])
        self.assertEqual(found, Summary(bias=-3.0, median=3.0, p99=5.0, largest=5.0))

    def test_errors_to_both_sides_do_not_cancel_out(self) -> None:
        found = summary([-20.0, -20.0, 0.0, 20.0, 20.0])
        self.assertEqual((found.bias, found.median), (0.0, 20.0))

    def test_nearest_rank(self) -> None:
        self.assertEqual(summary([float(value) for value in range(1, 201)]).p99, 198.0)


class PlantTest(unittest.TestCase):
    """A planted error."""

    def test_it_shows_in_its_phase_and_in_the_total_only(self) -> None:
        result = Result(URL, {**EXACT, "transfer": 40.0})
        found = {one.phase: one for one in plant([result], WIRE, OUR_DEFINITIONS, 1000)}
        self.assertTrue(all(one.shows for one in found.values()))
        self.assertEqual(found["dns"].moved["dns"], 1000)
        self.assertEqual(found["dns"].moved["total"], 1000)
        self.assertEqual(found["dns"].moved["wait"], 0)
        self.assertEqual(found["transfer"].moved["total"], 0)


if __name__ == "__main__":
    unittest.main()
