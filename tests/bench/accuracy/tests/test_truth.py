"""What the analysis makes of captures made by hand."""

import tempfile
import unittest
from pathlib import Path

from accuracy.tests.wire_maker import (
    ACK,
    ANSWER,
    FIN_ACK,
    LOCAL,
    PORT,
    SYN,
    SYN_ACK,
    Capture,
    https_probe,
    record,
)
from accuracy.truth import Request, Wire, covered_ns, read_wire

NAME = "p000001.bench.test"
SERVICE_MS = 20


def analysed(capture: Capture, requests: dict[int, Request] | None = None) -> Wire:
    """By way of a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = capture.write(Path(folder) / "capture.pcap")
        return read_wire(path, LOCAL, SERVICE_MS, requests)


def phases(capture: Capture) -> dict[str, float]:
    """Of the one probe."""
    return analysed(capture).truths[NAME].phases_us()


class HttpsTest(unittest.TestCase):
    """One probe, as it should be."""

    EXPECTED = {
        "dns": 4_000,
        "dns_waited": 4_000,
        "connect": 60,
        "tls_flight": 510,
        "tls_finished": 1_300,
        "wait": 20_100,
        "transfer": 40,
        "query_to_answer": 26_000,
    }

    def test_each_phase_lies_between_its_packets(self) -> None:
        self.assertEqual(phases(https_probe()), self.EXPECTED)

    def test_ipv6_is_the_same(self) -> None:
        self.assertEqual(phases(https_probe(six=True)), self.EXPECTED)

    def test_the_local_port_is_told(self) -> None:
        self.assertEqual(analysed(https_probe()).truths[NAME].local_port, PORT)

    def test_a_request_seen_inside_the_encryption_goes_before_the_rule(self) -> None:
        base = 1_700_000_000 * 10**9
        wire = analysed(https_probe(), {PORT: Request(base + 6_000_000, base + 9_000_000)})
        self.assertEqual(wire.truths[NAME].phases_us()["wait"], 3_000)


class DisorderTest(unittest.TestCase):
    """What a network does to packets."""

    def test_a_query_sent_again_counts_from_the_first(self) -> None:
        capture = https_probe()
        capture.dns(2_000, True, NAME)
        self.assertEqual(phases(capture)["dns"], 4_000)

    def test_queries_at_once_end_with_the_later_answer(self) -> None:
        capture = https_probe()
        capture.dns(10, True, NAME, kind=28, identifier=8)
        capture.dns(4_050, False, NAME, kind=28, identifier=8)
        self.assertEqual(phases(capture)["dns"], 4_050)
        self.assertEqual(phases(capture)["dns_waited"], 4_050)

    def test_an_answer_after_the_syn_was_not_waited_for(self) -> None:
        capture = https_probe()
        capture.dns(10, True, NAME, kind=28, identifier=8)
        capture.dns(4_120, False, NAME, kind=28, identifier=8)
        self.assertEqual(phases(capture)["dns"], 4_000)

    def test_the_pause_between_two_lookups_is_not_waited_time(self) -> None:
        self.assertEqual(covered_ns([(0, 10), (15, 25)]), 20)
        self.assertEqual(covered_ns([(0, 10), (5, 25), (6, 7)]), 25)

    def test_a_syn_sent_again_leaves_the_probe_out(self) -> None:
        capture = https_probe()
        capture.tcp(4_150, True, SYN)
        self.assertEqual(analysed(capture).incomplete[NAME], "SYN sent again")

    def test_bytes_sent_again_keep_their_first_time(self) -> None:
        capture = https_probe()
        capture.tcp(26_050, False, ACK, 0, record(22, 90))
        self.assertEqual(phases(capture), HttpsTest.EXPECTED)

    def test_without_an_answer_there_is_no_truth(self) -> None:
        capture = Capture()
        capture.dns(0, True, NAME)
        capture.dns(4_000, False, NAME)
        self.assertEqual(analysed(capture).incomplete[NAME], "0 connections")


class PlainTest(unittest.TestCase):
    """HTTP without TLS."""

    def test_phases_without_tls(self) -> None:
        capture = Capture()
        capture.dns(0, True, NAME)
        capture.dns(4_000, False, NAME)
        capture.tcp(4_100, True, SYN)
        capture.tcp(4_160, False, SYN_ACK)
        request = f"GET /20/200 HTTP/1.1\r\nHost: {NAME}\r\n\r\n".encode()
        capture.tcp(4_200, True, ACK, 0, request)
        capture.tcp(24_300, False, ACK, 0, ANSWER)
        capture.tcp(24_390, False, ACK, len(ANSWER), ANSWER)
        capture.tcp(24_500, True, FIN_ACK, len(request))
        self.assertEqual(
            phases(capture),
            {
                **{"dns": 4_000, "dns_waited": 4_000, "connect": 60, "wait": 20_100},
                **{"transfer": 90, "query_to_answer": 24_300},
            },
        )


if __name__ == "__main__":
    unittest.main()
