"""Captures made by hand: one HTTPS probe, packet by packet, at times that the test says."""

import struct
from pathlib import Path

PROBER, SERVER = bytes([10, 77, 0, 1]), bytes([10, 77, 0, 2])
PROBER6, SERVER6 = bytes(15) + b"\1", bytes(15) + b"\2"
LOCAL = frozenset({PROBER, PROBER6})
SYN, ACK, SYN_ACK, FIN_ACK = 0x02, 0x10, 0x12, 0x11
CLIENT_START, SERVER_START = 0xFFFFFFF0, 500  # the client's numbers wrap around
PORT, HTTPS = 40000, 443
MICROSECOND = 1000


def record(kind: int, length: int) -> bytes:
    """A TLS record."""
    return struct.pack("!BHH", kind, 0x0303, length) + bytes(length)


def client_hello(name: str) -> bytes:
    """A TLS record with a ClientHello that has a padding extension before the server name."""
    host = name.encode()
    entry = struct.pack("!BH", 0, len(host)) + host
    extensions = struct.pack("!HH", 21, 3) + bytes(3)
    extensions += struct.pack("!HHH", 0, len(entry) + 2, len(entry)) + entry
    hello = b"\3\3" + bytes(32) + b"\x04abcd" + b"\0\2\x13\1" + b"\1\0"
    hello += struct.pack("!H", len(extensions)) + extensions
    message = b"\1" + len(hello).to_bytes(3, "big") + hello
    return struct.pack("!BHH", 22, 0x0301, len(message)) + message


class Capture:
    """Packets of a prober; times in microseconds after some moment."""

    def __init__(self, six: bool = False) -> None:
        self._packets: list[tuple[int, bytes]] = []
        self._six = six

    def write(self, path: Path) -> Path:
        """As a pcap file with nanoseconds."""
        data = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65536, 1)
        for time_ns, frame in self._packets:
            time_ns += 1_700_000_000 * 10**9
            seconds, rest = divmod(time_ns, 10**9)
            data += struct.pack("<IIII", seconds, rest, len(frame), len(frame)) + frame
        path.write_bytes(data)
        return path

    def dns(self, at_us: float, out: bool, name: str, kind: int = 1, identifier: int = 7) -> None:
        """A query or its answer."""
        message = struct.pack("!HHHHHH", identifier, 0x0100 if out else 0x8180, 1, 0, 0, 0)
        message += b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
        message += b"\0" + struct.pack("!HH", kind, 1)
        ports = (5000, 53) if out else (53, 5000)
        header = struct.pack("!HHHH", *ports, 8 + len(message), 0)
        self._add(at_us, out, 17, header + message)

    def tcp(
        self, at_us: float, out: bool, flags: int, offset: int = -1, payload: bytes = b""
    ) -> None:
        """A segment; `offset` counts the stream's bytes, -1 is the SYN's own place."""
        first = CLIENT_START if out else SERVER_START
        ports = (PORT, HTTPS) if out else (HTTPS, PORT)
        sequence = (first + 1 + offset) & 0xFFFFFFFF
        header = struct.pack("!HHIIBBHHH", *ports, sequence, 0, 5 << 4, flags, 1000, 0, 0)
        self._add(at_us, out, 6, header + payload)

    def _add(self, at_us: float, out: bool, protocol: int, payload: bytes) -> None:
        if self._six:
            source, destination = (PROBER6, SERVER6) if out else (SERVER6, PROBER6)
            head = struct.pack("!IHBB", 6 << 28, len(payload), protocol, 64) + source + destination
        else:
            source, destination = (PROBER, SERVER) if out else (SERVER, PROBER)
            length = 20 + len(payload)
            head = struct.pack("!BBHHHBBH", 0x45, 0, length, 0, 0, 64, protocol, 0)
            head += source + destination
        kind = b"\x86\xdd" if self._six else b"\x08\x00"
        # Ethernet pads short frames; what is behind the IP packet is not part of it.
        frame = (bytes(12) + kind + head + payload).ljust(60, b"\xee")
        self._packets.append((round(at_us * MICROSECOND), frame))


FIRST_FLIGHT = record(22, 90) + record(20, 1) + record(23, 700)
TICKET, ANSWER = record(23, 250), record(23, 300)


def https_probe(name: str = "p000001.bench.test", six: bool = False) -> Capture:
    """One probe without anything unusual, with a session ticket before the answer after 20 ms."""
    capture = Capture(six)
    capture.dns(0, True, name)
    capture.dns(4_000, False, name)
    capture.tcp(4_100, True, SYN)
    capture.tcp(4_160, False, SYN_ACK)
    hello = client_hello(name)
    capture.tcp(4_500, True, ACK, 0, hello)
    capture.tcp(5_000, False, ACK, 0, FIRST_FLIGHT[:400])
    capture.tcp(5_010, False, ACK, 400, FIRST_FLIGHT[400:])
    finished, request = record(20, 1) + record(23, 50), record(23, 100)
    capture.tcp(5_800, True, ACK, len(hello), finished)
    capture.tcp(5_900, True, ACK, len(hello) + len(finished), request)
    capture.tcp(5_990, False, ACK, len(FIRST_FLIGHT), TICKET)
    at = len(FIRST_FLIGHT) + len(TICKET)
    capture.tcp(26_000, False, ACK, at, ANSWER[:100])
    capture.tcp(26_040, False, ACK, at + 100, ANSWER[100:])
    sent = len(hello) + len(finished) + len(request)
    closing = record(23, 19)
    capture.tcp(26_200, True, ACK, sent, closing)
    capture.tcp(26_210, True, FIN_ACK, sent + len(closing))
    capture.tcp(26_300, False, ACK, at + len(ANSWER), record(23, 19))
    return capture
