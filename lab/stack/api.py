"""The collector's HTTP interface, as far as the check uses it."""

import http.client
import json
import socket
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from host.errors import StepFailed
from host.stop_signals import StopSignals

REQUEST_LIMIT_S = 5.0

Json = Any


@dataclass(frozen=True)
class Event:
    """One server-sent event."""

    name: str
    data: Json


def parse_events(lines: Iterable[bytes]) -> Iterator[Event]:
    """Cuts an event stream into events; comments and ids are passed over."""
    name, data = "message", []
    for line in lines:
        text = line.decode("utf-8").rstrip("\r\n")
        key, _, value = text.partition(":")
        if key == "event":
            name = value.removeprefix(" ")
        elif key == "data":
            data.append(value.removeprefix(" "))
        elif not text:
            if data:
                yield Event(name, json.loads("\n".join(data)))
            name, data = "message", []


class Api:
    """Talks to one collector. Connects directly: urllib would obey the environment's proxies."""

    def __init__(self, address: str, signals: StopSignals) -> None:
        self._address = address
        self._signals = signals

    def get(self, path: str) -> Json:
        """The JSON document at a path."""
        return self._request("GET", path, None, expected_status=200)[1]

    def create_test(self, url: str) -> str:
        """Starts a test; returns the path of its permanent address."""
        headers, _ = self._request("POST", "/api/v1/tests", {"url": url}, expected_status=202)
        location = headers.get("location")
        if not location:
            raise StepFailed("expected a Location header from POST /api/v1/tests, saw none")
        return urlsplit(location).path

    def events(self, path: str, deadline: float) -> Iterator[Event]:
        """A test's events until `done`; raises TimeoutError when the deadline comes first."""
        with self._signals.interruptible():
            connection = http.client.HTTPConnection(self._address, timeout=REQUEST_LIMIT_S)
            try:
                connection.connect()
                sock = connection.sock  # the response takes it over; the deadline needs it
                connection.request("GET", f"{path}/events", headers={"accept": "text/event-stream"})
                response = connection.getresponse()
                if response.status != 200:
                    raise StepFailed(f"expected 200 from {path}/events, saw {response.status}")
                for event in parse_events(lines_until(response, sock, deadline)):
                    yield event
                    if event.name == "done":
                        return
            except TimeoutError:
                raise
            except (OSError, http.client.HTTPException) as error:
                raise StepFailed(f"expected events from {path}/events, saw {error!r}") from error
            finally:
                connection.close()
        raise StepFailed(f"expected {path}/events to end with `done`, saw it end without")

    def _request(
        self, method: str, path: str, body: Json, expected_status: int
    ) -> tuple[http.client.HTTPMessage, Json]:
        what = f"{method} {path}"
        content = None if body is None else json.dumps(body)
        with self._signals.interruptible():
            connection = http.client.HTTPConnection(self._address, timeout=REQUEST_LIMIT_S)
            try:
                connection.request(method, path, content, {"content-type": "application/json"})
                response = connection.getresponse()
                text = response.read().decode("utf-8")
            except (OSError, http.client.HTTPException) as error:
                raise StepFailed(f"expected an answer to {what}, saw {error!r}") from error
            finally:
                connection.close()
        if response.status != expected_status:
            saw = f"{response.status} {text}"
            raise StepFailed(f"expected {expected_status} from {what}, saw {saw}")
        try:
            return response.headers, json.loads(text) if text else None
        except ValueError as error:
            raise StepFailed(f"expected JSON from {what}, saw {text[:200]!r}") from error


def lines_until(
    response: http.client.HTTPResponse, sock: socket.socket, deadline: float
) -> Iterator[bytes]:
    """The response's lines; raises TimeoutError when the deadline passes between two of them."""
    while True:
        # At least a moment, because a timeout of 0 would mean "do not block" instead.
        sock.settimeout(max(deadline - time.monotonic(), 0.001))
        line = response.readline()
        if not line:
            return
        yield line
