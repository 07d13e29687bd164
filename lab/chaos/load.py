"""On-demand tests, asked for again and again, whatever state the collector is in."""

import contextlib
import json
import socket
import time
from collections import Counter
from urllib.parse import urlsplit

PATIENCE_S = 5.0
STATUS_LINE_BYTES = 64


class Load:
    """Asks for a test of all cities at intervals and never waits for an answer. `answers` counts them by
    status; 0: none came."""

    def __init__(self, address: str, url: str, interval_s: float) -> None:
        parts = urlsplit(f"//{address}")
        self._address = (parts.hostname, parts.port)
        body = json.dumps({"url": url})
        self._request = (
            f"POST /api/v1/tests HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
        ).encode("ascii")
        self._interval_s = interval_s
        self._next = time.monotonic()
        self._waiting: list[tuple[float, socket.socket]] = []
        self.answers: Counter[int] = Counter()

    def look(self) -> None:
        """Asks if it is time, and reads what has come."""
        now = time.monotonic()
        if now >= self._next:
            self._next = max(self._next + self._interval_s, now)
            self._ask(now)
        self._waiting = [waiting for waiting in self._waiting if not self._is_over(now, *waiting)]

    def end(self) -> None:
        """Nothing more is asked."""
        for _, connection in self._waiting:
            connection.close()
            self.answers[0] += 1
        self._waiting = []

    def _ask(self, now: float) -> None:
        connection = socket.socket()
        connection.setblocking(False)
        # The listening socket outlives every collector, so this connects at once, or its queue is full.
        with contextlib.suppress(BlockingIOError):
            connection.connect(self._address)
        try:
            connection.sendall(self._request)
        except OSError:
            connection.close()
            self.answers[0] += 1
            return
        self._waiting.append((now + PATIENCE_S, connection))

    def _is_over(self, now: float, deadline: float, connection: socket.socket) -> bool:
        try:
            line = connection.recv(STATUS_LINE_BYTES)
        except BlockingIOError:
            if now < deadline:
                return False
            line = b""
        except OSError:
            line = b""
        connection.close()
        words = line.split()
        self.answers[int(words[1]) if len(words) > 1 else 0] += 1
        return True
