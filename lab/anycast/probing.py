"""Asks the anycast resolver, from every city at once, which edge it stands at."""

import os
import select
import socket
import time
from collections.abc import Collection
from dataclasses import dataclass

from anycast.addresses import RESOLVER4, RESOLVER6, WHOAMI
from anycast.namespaces import Namespaces
from host.dns_query import TYPE_TXT, parse, question

ANSWER_LIMIT_S = 1.0


@dataclass(frozen=True)
class Answer:
    """The edge that answered, and after how long; both None when nothing came in time."""

    edge: str | None
    rtt_ms: float | None


def ask_from_everywhere(
    namespaces: Namespaces, cities: Collection[str], family: int = 4
) -> dict[str, Answer]:
    """One query from each city, all at once; by city."""
    answers = dict.fromkeys(cities, Answer(None, None))
    query = question(int.from_bytes(os.urandom(2), "big"), WHOAMI, TYPE_TXT)
    waiting: dict[socket.socket, tuple[str, float]] = {}
    try:
        for city in cities:
            with namespaces.entered(city):
                sock, sent = open_query(query, family)
            waiting[sock] = (city, sent)
        deadline = time.monotonic() + ANSWER_LIMIT_S
        while waiting and (left := deadline - time.monotonic()) > 0:
            for sock in select.select(list(waiting), [], [], left)[0]:
                city, sent = waiting.pop(sock)
                answers[city] = read_answer(sock, time.monotonic() - sent)
    finally:
        for sock in waiting:
            sock.close()
    return answers


def open_query(query: bytes, family: int) -> tuple[socket.socket, float]:
    """A socket of the current namespace with the question on its way, and since when it is.

    The time is taken before, because a busy machine may let us wait right after the question has
    left, and then the answer would come faster than the wires allow.
    """
    kind, address = (socket.AF_INET, RESOLVER4) if family == 4 else (socket.AF_INET6, RESOLVER6)
    sock = socket.socket(kind, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    sent = time.monotonic()
    try:
        sock.connect((address, 53))
        sock.send(query)
    except OSError:
        pass  # without a route it is never answered, which says the same
    return sock, sent


def read_answer(sock: socket.socket, took_s: float) -> Answer:
    """The text record says who it is; an ICMP error is no answer."""
    with sock:
        try:
            records = parse(sock.recv(4096)).records
        except OSError:
            return Answer(None, None)
    text = [data[1 : 1 + data[0]].decode() for kind, _, data in records if kind == TYPE_TXT]
    return Answer(text[0] if text else None, round(took_s * 1000, 2))
