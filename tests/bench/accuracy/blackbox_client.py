"""A client that asks blackbox_exporter for many probes at once."""

import contextlib
import gzip
import select
import socket
from types import TracebackType

PORT = 9115
LINE_END = b"\r\n"
HEAD_END = b"\r\n\r\n"
# As Prometheus asks, which takes answers compressed.
QUESTION = (
    "GET {} HTTP/1.1\r\n"
    "Host: 127.0.0.1:{}\r\n"
    "User-Agent: Prometheus/2.42.0\r\n"
    "Accept: text/plain;version=0.0.4;q=0.5,*/*;q=0.1\r\n"
    "Accept-Encoding: gzip\r\n"
    "X-Prometheus-Scrape-Timeout-Seconds: 10\r\n\r\n"
)


class BlackboxClient:
    """Asks over connections that are kept, one question each at a time.

    Hand-made, because an HTTP library's processor time at some hundred questions a second would take
    the server's core from the server.
    """

    def __init__(self) -> None:
        self.answers: dict[str, bytes] = {}
        self._poller = select.epoll()
        self._idle: list[socket.socket] = []
        self._busy: dict[int, tuple[socket.socket, str, bytearray]] = {}

    def __enter__(self) -> "BlackboxClient":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for sock in [*self._idle, *(entry[0] for entry in self._busy.values())]:
            sock.close()
        self._poller.close()

    @property
    def in_flight(self) -> int:
        """Questions without an answer yet."""
        return len(self._busy)

    def start(self, job: str) -> None:
        """Asks for a path."""
        sock = self._idle.pop() if self._idle else self._connect()
        self._busy[sock.fileno()] = (sock, job, bytearray())
        sock.sendall(QUESTION.format(job, PORT).encode("ascii"))

    def poll(self, timeout_s: float) -> None:
        """Takes in what has come."""
        for descriptor, _ in self._poller.poll(timeout_s):
            sock, job, answer = self._busy[descriptor]
            data = b""
            with contextlib.suppress(ConnectionError):
                data = sock.recv(65536)
            answer += data
            if data and not complete(answer):
                continue
            del self._busy[descriptor]
            self.answers[job] = bytes(answer) if data else b""
            if data:
                self._idle.append(sock)
            else:
                sock.close()

    def _connect(self) -> socket.socket:
        sock = socket.create_connection(("127.0.0.1", PORT))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._poller.register(sock, select.EPOLLIN)
        return sock


def complete(answer: bytes | bytearray) -> bool:
    """Whether an HTTP answer, chunked or with its length, has ended."""
    head, separator, rest = answer.partition(HEAD_END)
    if not separator:
        return False
    for line in head.lower().split(LINE_END):
        if line.startswith(b"content-length:"):
            return len(rest) >= int(line.partition(b":")[2])
    return chunks(rest)[1]


def body(answer: bytes) -> str:
    """The text of an answer; empty when there was none."""
    head, _, rest = answer.partition(HEAD_END)
    headers = head.lower()
    if b"transfer-encoding: chunked" in headers:
        rest, _ = chunks(rest)
    if b"content-encoding: gzip" in headers:
        rest = gzip.decompress(rest)
    return rest.decode("utf-8", "replace")


def chunks(encoded: bytes | bytearray) -> tuple[bytes, bool]:
    """The chunks that are there, joined, and whether the last one is."""
    joined = bytearray()
    offset = 0
    while (line_end := encoded.find(LINE_END, offset)) >= 0:
        length = int(encoded[offset:line_end], 16)
        begin = line_end + len(LINE_END)
        if len(encoded) < begin + length + len(LINE_END):
            break
        if length == 0:
            return bytes(joined), True
        joined += encoded[begin : begin + length]
        offset = begin + length + len(LINE_END)
    return bytes(joined), False
