"""Reads a capture: pcap files with nanoseconds, Ethernet, IPv4 and IPv6, UDP and TCP.

Only what the benchmark's own network carries: no VLANs, no fragments, no IPv6 extension headers.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

NANOSECOND_MAGIC = 0xA1B23C4D
FILE_HEADER = 24
RECORD = struct.Struct("<IIII")

ETHERNET_HEADER = 14
IPV4, IPV6 = b"\x08\x00", b"\x86\xdd"
TCP, UDP = 6, 17
DNS_PORT = 53

FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10


class Segment(NamedTuple):
    """One TCP segment."""

    time_ns: int
    outgoing: bool
    local_port: int
    peer: tuple[bytes, int]
    sequence: int
    flags: int
    payload: bytes


class Datagram(NamedTuple):
    """One UDP datagram to or from port 53."""

    time_ns: int
    outgoing: bool
    payload: bytes


def read_pcap(path: Path) -> Iterator[tuple[int, bytes]]:
    """The packets with their times since 1970 in nanoseconds, in the order of the file."""
    data = path.read_bytes()
    (magic,) = struct.unpack_from("<I", data)
    if magic != NANOSECOND_MAGIC:
        raise ValueError(f"{path} is no pcap file with nanoseconds")
    offset = FILE_HEADER
    while offset < len(data):
        seconds, nanoseconds, length, _ = RECORD.unpack_from(data, offset)
        offset += RECORD.size
        yield seconds * 1_000_000_000 + nanoseconds, data[offset : offset + length]
        offset += length


def dissect(time_ns: int, frame: bytes, local: frozenset[bytes]) -> Segment | Datagram | None:
    """What a frame carries, seen from the prober, whose addresses are `local`; None: neither."""
    kind = frame[12:ETHERNET_HEADER]
    if kind == IPV4:
        start = ETHERNET_HEADER + (frame[ETHERNET_HEADER] & 0x0F) * 4
        end = ETHERNET_HEADER + int.from_bytes(frame[16:18], "big")
        protocol, source, destination = frame[23], frame[26:30], frame[30:34]
    elif kind == IPV6:
        start = ETHERNET_HEADER + 40
        end = start + int.from_bytes(frame[18:20], "big")
        protocol, source, destination = frame[20], frame[22:38], frame[38:54]
    else:
        return None
    outgoing = source in local
    if protocol == TCP:
        return tcp(time_ns, frame, start, end, outgoing, destination if outgoing else source)
    if protocol == UDP and DNS_PORT in struct.unpack_from("!HH", frame, start):
        return Datagram(time_ns, outgoing, frame[start + 8 : end])
    return None


def tcp(time_ns: int, frame: bytes, start: int, end: int, outgoing: bool, peer: bytes) -> Segment:
    """The segment that begins at `start`."""
    source, destination, sequence, _, length, flags = struct.unpack_from("!HHIIBB", frame, start)
    payload = frame[start + (length >> 4) * 4 : end]
    local_port, port = (source, destination) if outgoing else (destination, source)
    return Segment(time_ns, outgoing, local_port, (peer, port), sequence, flags, payload)


class Question(NamedTuple):
    """What tells DNS exchanges apart."""

    identifier: int
    name: str
    kind: int


def question(message: bytes) -> Question:
    """What a DNS message asks, or answers."""
    labels = []
    offset = 12
    while offset < len(message) and message[offset]:
        end = offset + 1 + message[offset]
        labels.append(message[offset + 1 : end].decode("ascii", "replace"))
        offset = end
    kind = int.from_bytes(message[offset + 1 : offset + 3], "big")
    return Question(int.from_bytes(message[:2], "big"), ".".join(labels).lower(), kind)
