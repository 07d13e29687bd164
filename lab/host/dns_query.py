"""One small DNS question over UDP, to see that a resolver answers what the demo needs."""

import os
import socket
import struct
from dataclasses import dataclass

TYPE_A = 1
TYPE_TXT = 16
TYPE_AAAA = 28
CLASS_IN = 1
RECURSION_DESIRED = 0x0100

HEADER = struct.Struct("!HHHHHH")
RECORD = struct.Struct("!HHIH")


@dataclass(frozen=True)
class Answer:
    """What came back: the response code (0 is NOERROR) and the records as (type, TTL, data)."""

    code: int
    records: tuple[tuple[int, int, bytes], ...]


def question(identifier: int, host: str, record_type: int) -> bytes:
    """A query message for one name and one type."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in host.split("."))
    header = HEADER.pack(identifier, RECURSION_DESIRED, 1, 0, 0, 0)
    return header + labels + b"\0" + struct.pack("!HH", record_type, CLASS_IN)


def skip_name(message: bytes, offset: int) -> int:
    """The offset behind a name, which ends in a zero label or in a compression pointer."""
    while True:
        length = message[offset]
        if length >= 0xC0:
            return offset + 2
        offset += 1 + length
        if length == 0:
            return offset


def parse(message: bytes) -> Answer:
    """Reads the answer section of a response."""
    _, flags, questions, answers, _, _ = HEADER.unpack_from(message)
    offset = HEADER.size
    for _ in range(questions):
        offset = skip_name(message, offset) + 4
    records = []
    for _ in range(answers):
        offset = skip_name(message, offset)
        record_type, _, ttl, length = RECORD.unpack_from(message, offset)
        offset += RECORD.size
        records.append((record_type, ttl, message[offset : offset + length]))
        offset += length
    return Answer(flags & 0x000F, tuple(records))


def ask(address: str, port: int, host: str, record_type: int, timeout_s: float = 0.2) -> Answer:
    """Asks one resolver; raises OSError when nothing answers in time."""
    identifier = int.from_bytes(os.urandom(2), "big")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.settimeout(timeout_s)
        # Connected, so that a port nobody listens on is refused at once instead of timing out.
        sock.connect((address, port))
        sock.send(question(identifier, host, record_type))
        return parse(sock.recv(4096))
