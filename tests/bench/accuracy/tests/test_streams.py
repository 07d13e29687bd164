"""Streams put together from segments."""

import unittest

from accuracy.streams import Flows, Stream, host_header
from accuracy.packets import ACK, SYN, Segment

PEER = (b"\x0a\x4d\x00\x02", 443)


class StreamTest(unittest.TestCase):
    """Bytes and their times."""

    def test_a_byte_has_the_time_of_its_packet(self) -> None:
        stream = Stream()
        stream.add(0, b"abc", 10)
        stream.add(3, b"de", 20)
        self.assertEqual([stream.time_of(offset) for offset in range(5)], [10, 10, 10, 20, 20])

    def test_what_came_early_is_readable_once_the_gap_is_filled(self) -> None:
        stream = Stream()
        stream.add(3, b"de", 10)
        stream.add(0, b"abc", 20)
        self.assertEqual(bytes(stream.data), b"abcde")
        self.assertEqual(stream.time_of(4), 20)

    def test_an_overlap_adds_only_what_is_new(self) -> None:
        stream = Stream()
        stream.add(0, b"abc", 10)
        stream.add(1, b"bcde", 20)
        self.assertEqual(bytes(stream.data), b"abcde")
        self.assertEqual((stream.time_of(2), stream.time_of(3)), (10, 20))

    def test_a_record_ends_with_the_packet_of_its_last_byte(self) -> None:
        stream = Stream()
        stream.add(0, b"\x17\x03\x03\x00\x04ab", 10)
        stream.add(7, b"cd\x17\x03", 20)
        self.assertEqual(stream.records(), [(23, 10, 20)])


class FlowsTest(unittest.TestCase):
    """Which segments belong together."""

    def test_a_port_used_again_is_another_connection(self) -> None:
        flows = Flows()
        flows.add(Segment(1, True, 4000, PEER, 100, SYN, b""))
        flows.add(Segment(2, True, 4000, PEER, 900, SYN, b""))
        self.assertEqual([flow.syn_out for flow in flows.all], [1, 2])

    def test_what_began_before_the_capture_is_left_out(self) -> None:
        flows = Flows()
        flows.add(Segment(1, True, 4000, PEER, 100, ACK, b"GET"))
        self.assertEqual(flows.all, [])


class NameTest(unittest.TestCase):
    """Who was asked for."""

    def test_the_host_header_without_its_port(self) -> None:
        request = b"GET / HTTP/1.1\r\nAccept: */*\r\nhost:  P1.bench.test:8080\r\n\r\n"
        self.assertEqual(host_header(request), "p1.bench.test")

    def test_no_host_header(self) -> None:
        self.assertIsNone(host_header(b"GET / HTTP/1.0\r\n\r\n"))


if __name__ == "__main__":
    unittest.main()
