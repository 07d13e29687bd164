"""What tools say, understood. Needs lab/ for the modules that also start them."""

import sys
import unittest
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[4] / "lab"))

from accuracy.agent import agent_result  # noqa: E402
from accuracy.blackbox import blackbox_result  # noqa: E402
from accuracy.blackbox_client import body, complete  # noqa: E402
from accuracy.comparison import Errors  # noqa: E402
from accuracy.curl import curl_result  # noqa: E402
from accuracy.modes import BY_KEY  # noqa: E402
from accuracy.report import missed  # noqa: E402
from accuracy.results import COLUMNS  # noqa: E402

URL = "https://p1.bench.test/20/200"


class AgentTest(unittest.TestCase):
    """A line of the batch mode."""

    def test_microseconds_and_clocks(self) -> None:
        timings = {"dns_us": 4000, "tls_us": None, "dns_clock": "kernel", "wait_clock": "agent"}
        result = agent_result({"url": URL, "timings": {**timings, "ttfb_us": 9}, "failure": None})
        self.assertEqual(result.reported_us, {"dns": 4000.0, "start to answer": 9.0})
        self.assertEqual(result.by_own_clock, ("wait",))
        self.assertIsNone(result.failure)


class BlackboxTest(unittest.TestCase):
    """An answer of the exporter's."""

    METRICS = (
        b'probe_http_duration_seconds{phase="connect"} 5e-05\n'
        b'probe_http_duration_seconds{phase="resolve"} 0.004\n'
        b"probe_success 1\n"
    )

    def test_chunks_may_cut_lines(self) -> None:
        one, two = self.METRICS[:30], self.METRICS[30:]
        answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        answer += b"%x\r\n%s\r\n" % (len(one), one)
        self.assertFalse(complete(answer))
        answer += b"%x\r\n%s\r\n0\r\n\r\n" % (len(two), two)
        self.assertTrue(complete(answer))
        self.assertEqual(body(answer).encode(), self.METRICS)
        result = blackbox_result(URL, answer)
        self.assertEqual(result.reported_us, {"connect": 50.0, "dns": 4000.0})
        self.assertIsNone(result.failure)

    def test_no_answer_is_a_failure(self) -> None:
        self.assertEqual(blackbox_result(URL, b"").failure, "no answer")


class CurlTest(unittest.TestCase):
    """A line of curl's."""

    def test_differences_of_its_moments(self) -> None:
        line = {"url": URL, "exit": 0, "port": 4000, "namelookup": 0.004, "connect": 0.005}
        line |= {"appconnect": 0.007, "pretransfer": 0.008, "starttransfer": 0.028, "total": 0.029}
        reported = curl_result(line).reported_us
        self.assertAlmostEqual(reported["tls"], 2000)
        self.assertAlmostEqual(reported["wait"], 20_000)
        self.assertAlmostEqual(reported["start to answer"], 28_000)


def exact_errors() -> Errors:
    """One probe without any."""
    return Errors({name: [0.0] for name in COLUMNS}, compared=1)


class BoundsTest(unittest.TestCase):
    """What misses a bound."""

    def test_p99_median_and_what_is_left_out(self) -> None:
        errors = Errors(failed=1)
        for phase, values in (("dns", [11.0] * 99), ("connect", [0.0] * 98 + [26.0] * 2)):
            errors.by_phase[phase] = values
        for phase in ("tls", "wait", "total"):
            errors.by_phase[phase] = [0.0]
        self.assertEqual(
            missed(BY_KEY["c1"], errors),
            [
                "c1: dns median 11 us, more than 10",
                "c1: connect p99 26 us, more than 25",
                "c1: 1 probes failed or are not on the wire",
            ],
        )

    def test_errors_to_both_sides_miss_the_median(self) -> None:
        errors = exact_errors()
        errors.by_phase["dns"] = [-11.0] * 50 + [11.0] * 50
        self.assertEqual(missed(BY_KEY["c1"], errors), ["c1: dns median 11 us, more than 10"])

    def test_every_phase_includes_the_transfer(self) -> None:
        errors = exact_errors()
        errors.by_phase["transfer"] = [51.0]
        for key, most in (("http2", 25), ("plain", 25), ("packets", 25), ("busy4", 50)):
            self.assertEqual(
                missed(BY_KEY[key], errors), [f"{key}: transfer p99 51 us, more than {most}"]
            )

    def test_nothing_compared_is_a_miss(self) -> None:
        self.assertIn("c1: no dns was compared", missed(BY_KEY["c1"], Errors()))
        self.assertIn("http2: no transfer was compared", missed(BY_KEY["http2"], Errors()))


if __name__ == "__main__":
    unittest.main()
