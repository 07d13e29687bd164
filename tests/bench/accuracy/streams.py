"""TCP connections put together from segments: when each byte left or could be read."""

import bisect
from dataclasses import dataclass, field
from typing import NamedTuple

from accuracy.packets import ACK, FIN, RST, SYN, Segment

HANDSHAKE, APPLICATION_DATA = 22, 23
CLIENT_HELLO = 1
SERVER_NAME = 0
RECORD_HEADER = 5
HTTP_METHODS = (b"GET ", b"HEAD ", b"POST ")


class Record(NamedTuple):
    """A TLS record with the times of the packets that hold its first and its last byte."""

    kind: int
    began_ns: int
    ended_ns: int


@dataclass
class Stream:
    """One direction. A byte's time is that of the packet that made it readable: what overtakes
    others waits for them, and what is sent again changes nothing."""

    data: bytearray = field(default_factory=bytearray)
    _starts: list[int] = field(default_factory=list)
    _times: list[int] = field(default_factory=list)
    _early: dict[int, bytes] = field(default_factory=dict)

    def add(self, offset: int, payload: bytes, time_ns: int) -> None:
        """Takes the bytes that begin at this offset of the stream."""
        if offset > len(self.data):
            self._early[offset] = payload
            return
        new = payload[len(self.data) - offset :]
        if not new:
            return
        self._starts.append(len(self.data))
        self._times.append(time_ns)
        self.data += new
        for start in sorted(start for start in self._early if start <= len(self.data)):
            self.add(start, self._early.pop(start), time_ns)

    def time_of(self, offset: int) -> int:
        """When the byte at this offset passed."""
        return self._times[bisect.bisect_right(self._starts, offset) - 1]

    def last_time_until(self, time_ns: int) -> int | None:
        """When the last byte passed that passed before this time."""
        index = bisect.bisect_left(self._times, time_ns)
        return self._times[index - 1] if index else None

    def records(self) -> list[Record]:
        """The complete TLS records."""
        found = []
        offset = 0
        while offset + RECORD_HEADER <= len(self.data):
            end = offset + RECORD_HEADER + int.from_bytes(self.data[offset + 3 : offset + 5], "big")
            if end > len(self.data):
                break
            found.append(Record(self.data[offset], self.time_of(offset), self.time_of(end - 1)))
            offset = end
        return found


@dataclass
class Flow:
    """One connection of the prober's."""

    local_port: int
    sequence: int
    syn_out: int
    syns: int = 1
    syn_ack_in: int | None = None
    fin_out: int | None = None
    outgoing: Stream = field(default_factory=Stream)
    incoming: Stream = field(default_factory=Stream)
    _peer_sequence: int = 0

    def add(self, segment: Segment) -> None:
        """Takes a segment of either direction, the first SYN excepted."""
        if segment.outgoing:
            if segment.flags & SYN:
                self.syns += 1
            if segment.flags & (FIN | RST) and self.fin_out is None:
                self.fin_out = segment.time_ns
            stream, first = self.outgoing, self.sequence
        else:
            if segment.flags & SYN and self.syn_ack_in is None:
                self.syn_ack_in = segment.time_ns
                self._peer_sequence = segment.sequence
            stream, first = self.incoming, self._peer_sequence
        if segment.payload:
            offset = (segment.sequence - first - 1) & 0xFFFFFFFF
            stream.add(offset, segment.payload, segment.time_ns)

    @property
    def is_tls(self) -> bool:
        """Whether the prober began with a TLS handshake."""
        return self.outgoing.data[:1] == bytes([HANDSHAKE])

    @property
    def name(self) -> str | None:
        """The host that the prober asked for: by SNI, or by the Host header of plain HTTP."""
        if self.is_tls:
            return server_name(bytes(self.outgoing.data))
        if self.outgoing.data.startswith(HTTP_METHODS):
            return host_header(bytes(self.outgoing.data))
        return None


class Flows:
    """All connections of a capture; a port that is used again is another connection."""

    def __init__(self) -> None:
        self.all: list[Flow] = []
        self._latest: dict[tuple[int, tuple[bytes, int]], Flow] = {}

    def add(self, segment: Segment) -> None:
        """Takes the next segment; what belongs to a connection without a SYN is left out."""
        key = (segment.local_port, segment.peer)
        flow = self._latest.get(key)
        opens = segment.outgoing and segment.flags & (SYN | ACK) == SYN
        if opens and (flow is None or flow.sequence != segment.sequence):
            flow = Flow(segment.local_port, segment.sequence, segment.time_ns)
            self._latest[key] = flow
            self.all.append(flow)
        elif flow is not None:
            flow.add(segment)


def server_name(stream: bytes) -> str | None:
    """The server name in the ClientHello that a TLS client's stream begins with."""
    hello = stream[RECORD_HEADER : RECORD_HEADER + int.from_bytes(stream[3:5], "big")]
    if not hello or hello[0] != CLIENT_HELLO:
        return None
    offset = 4 + 2 + 32  # the message's header, the version, the random
    offset += 1 + hello[offset]  # session id
    offset += 2 + int.from_bytes(hello[offset : offset + 2], "big")  # cipher suites
    offset += 1 + hello[offset]  # compression
    end = offset + 2 + int.from_bytes(hello[offset : offset + 2], "big")
    offset += 2
    while offset + 4 <= end:
        kind = int.from_bytes(hello[offset : offset + 2], "big")
        length = int.from_bytes(hello[offset + 2 : offset + 4], "big")
        if kind == SERVER_NAME:
            return hello[offset + 9 : offset + 4 + length].decode("ascii", "replace").lower()
        offset += 4 + length
    return None


def host_header(stream: bytes) -> str | None:
    """The Host header of the request that a plain HTTP client's stream begins with."""
    head, _, _ = stream.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.strip().lower() == b"host":
            return value.strip().decode("ascii", "replace").partition(":")[0].lower()
    return None
