"""Asks the anycast address for its page, as a visitor in a city would."""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from anycast.addresses import RESOLVER4, RESOLVER6
from anycast.namespaces import enter_network
from host import dns_query
from world.geography import HOST

LIMIT_S = 5.0
PHASES = ("dns", "connect", "tls", "wait")


@dataclass
class Visit:
    """What came back. Milliseconds by phase, as far as it got; `failure` says why no further."""

    phases_ms: dict[str, float] = field(default_factory=dict)
    address: str | None = None
    status: int | None = None
    headers: list[tuple[str, str]] = field(default_factory=list)
    failure: str | None = None

    @property
    def edge(self) -> str | None:
        """Which edge answered, by its own word."""
        return dict(self.headers).get("x-edge-route")

    @property
    def ttfb_ms(self) -> float | None:
        """From the question to the first byte of the answer."""
        return sum(self.phases_ms.values()) if "wait" in self.phases_ms else None


def trusting(ca_file: Path) -> ssl.SSLContext:
    """What a visitor trusts. Reading it takes milliseconds, so it is made before any clock runs."""
    return ssl.create_default_context(cafile=str(ca_file))


def visit(context: ssl.SSLContext, family: int = 4) -> Visit:
    """One cold request from the network this thread is in, the lookup included."""
    result = Visit()
    clock = Stopwatch(result.phases_ms)
    try:
        result.address = resolve(family)
        clock.lap("dns")
    except OSError as error:
        result.failure = f"dns: {error or type(error).__name__}"
        return result
    return fetch(result, clock, context, LIMIT_S)


def fetch(result: Visit, clock: "Stopwatch", context: ssl.SSLContext, limit_s: float) -> Visit:
    """Connects to the visit's address and asks for its page; each step may take the limit."""
    try:
        with socket.create_connection((result.address, 443), timeout=limit_s) as connection:
            clock.lap("connect")
            # Else the request waits for the handshake's last segment to be acknowledged.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with context.wrap_socket(connection, server_hostname=HOST) as secure:
                clock.lap("tls")
                request = f"GET / HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"
                secure.sendall(request.encode())
                response = http.client.HTTPResponse(secure)
                response.begin()
                clock.lap("wait")
                result.status = response.status
                result.headers = [(name.lower(), value) for name, value in response.getheaders()]
    except (OSError, http.client.HTTPException) as error:
        reached = [phase for phase in PHASES[1:] if phase in result.phases_ms]
        phase = PHASES[1 + len(reached)]
        result.failure = f"{phase}: {error or type(error).__name__}"
    return result


class Stopwatch:
    """Notes how long each phase took."""

    def __init__(self, laps_ms: dict[str, float]) -> None:
        self._laps_ms = laps_ms
        self._since = time.monotonic()

    def lap(self, name: str) -> None:
        """Ends a phase; the next one begins."""
        now = time.monotonic()
        self._laps_ms[name] = (now - self._since) * 1000
        self._since = now


def resolve(family: int) -> str:
    """The service's address, from the anycast resolver."""
    resolver, kind = (
        (RESOLVER4, dns_query.TYPE_A) if family == 4 else (RESOLVER6, dns_query.TYPE_AAAA)
    )
    answer = dns_query.ask(resolver, 53, HOST, kind, timeout_s=LIMIT_S)
    for record, _, data in answer.records:
        if record == kind:
            return socket.inet_ntop(socket.AF_INET if family == 4 else socket.AF_INET6, data)
    raise OSError(f"the resolver has no address for {HOST}")


def visit_from_all(
    namespaces: Path, cities: Sequence[str], context: ssl.SSLContext, family: int = 4
) -> list[Visit]:
    """One visit from each city, all at once: a network belongs to a thread."""
    # Else the start of the later threads would count in what the earlier ones measure.
    all_there = threading.Barrier(len(cities))

    def from_city(city: str) -> Visit:
        try:
            enter_network(namespaces / city)
        finally:
            all_there.wait()  # also when it failed: the others must not wait for ever
        return visit(context, family)

    with ThreadPoolExecutor(max_workers=len(cities)) as pool:
        return list(pool.map(from_city, cities))
