"""curl, a process for each probe."""

import contextlib
import json
import os
import select
import signal
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from host.programs import installed

from accuracy.pace import offer
from accuracy.results import PEERS_DEFINITIONS, Definitions, Result
from accuracy.scheduling import PROBER_CORE, SERVER_CORE, driving
from accuracy.tools import Load
from accuracy.world import PROBER, World


class Curl:
    """curl, a process for each probe."""

    name = "curl"
    definitions: Definitions = PEERS_DEFINITIONS

    @contextlib.contextmanager
    def running(self, world: World, load: Load) -> Iterator["CurlSession"]:
        """There is nothing to start beforehand."""
        yield CurlSession(world, load)


CURL_FIELDS = {
    "url": '"%{url}"',
    "exit": "%{exitcode}",
    "port": "%{local_port}",
    "namelookup": "%{time_namelookup}",
    "connect": "%{time_connect}",
    "appconnect": "%{time_appconnect}",
    "pretransfer": "%{time_pretransfer}",
    "starttransfer": "%{time_starttransfer}",
    "total": "%{time_total}",
}
CURL_FORMAT = "{" + ", ".join(f'"{key}": {value}' for key, value in CURL_FIELDS.items()) + "}\\n"


class CurlSession:
    """Starts processes on the probers' core; they write into one pipe, a line each, at once."""

    def __init__(self, world: World, load: Load) -> None:
        self._words = [installed("curl"), "--silent", "--output", "/dev/null"]
        self._words += ["--max-time", "10", "--cacert", str(world.ca_file)]
        self._words += ["--write-out", CURL_FORMAT]
        self._world = world
        self._load = load
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        self._poller = select.epoll()
        self._children: dict[int, int] = {}
        self._output = bytearray()
        self._used_s = 0.0
        self.elapsed_s = 0.0
        self.peak_rss_mb: float | None = None  # many processes, each with little

    def probe(self, urls: Sequence[str]) -> list[Result]:
        """One process after the other, or several at once."""
        try:
            with self._world.namespaces.entered(PROBER), driving():
                self.elapsed_s = offer(urls, self._load.rate, self._load.cap, self)
            self._read()
        finally:
            for pidfd, pid in self._children.items():
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
                os.waitpid(pid, 0)
            os.close(self._reader)
            os.close(self._writer)
        said = [curl_result(json.loads(line)) for line in self._output.splitlines()]
        silent = set(urls) - {result.url for result in said}
        return said + [Result(url, {}, failure="said nothing") for url in sorted(silent)]

    @property
    def in_flight(self) -> int:
        """Processes that have not ended."""
        return len(self._children)

    def start(self, job: str) -> None:
        """A process inherits the core that its parent is on."""
        os.sched_setaffinity(0, {PROBER_CORE})
        try:
            pid = os.posix_spawn(
                self._words[0],
                [*self._words, job],
                {"PATH": os.defpath},
                file_actions=[(os.POSIX_SPAWN_DUP2, self._writer, 1)],
                scheduler=self._scheduler(),
            )
        finally:
            os.sched_setaffinity(0, {SERVER_CORE})
        pidfd = os.pidfd_open(pid)
        self._children[pidfd] = pid
        self._poller.register(pidfd, select.EPOLLIN)

    def poll(self, timeout_s: float) -> None:
        """Buries those that have ended."""
        for pidfd, _ in self._poller.poll(timeout_s):
            self._poller.unregister(pidfd)
            os.close(pidfd)
            _, _, usage = os.wait4(self._children.pop(pidfd), 0)
            self._used_s += usage.ru_utime + usage.ru_stime
            self._read()

    def processor_s(self) -> float:
        """Of all processes so far."""
        return self._used_s

    def _scheduler(self) -> tuple[int, os.sched_param]:
        if self._load.realtime:
            return os.SCHED_RR, os.sched_param(1)
        return os.SCHED_OTHER, os.sched_param(0)

    def _read(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while data := os.read(self._reader, 65536):
                self._output += data


def curl_result(line: dict[str, float]) -> Result:
    """From curl's own numbers, which are seconds since its start."""
    at = {key: float(value) * 1e6 for key, value in line.items() if key not in ("url", "exit")}
    url = str(line["url"])
    if line["exit"] != 0:
        return Result(url, {}, failure=f"exit status {line['exit']}")
    reported = {
        "dns": at["namelookup"],
        "connect": at["connect"] - at["namelookup"],
        "wait": at["starttransfer"] - at["pretransfer"],
        "transfer": at["total"] - at["starttransfer"],
        "start to answer": at["starttransfer"],
    }
    if urlsplit(url).scheme == "https":
        reported["tls"] = at["appconnect"] - at["connect"]
    return Result(url, reported, local_port=int(line["port"]))
