"""prometheus-blackbox-exporter, one process that is asked over HTTP."""

import contextlib
import json
import re
import signal
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote, urlsplit

from host.kernel import die_with_parent
from host.programs import installed

from accuracy.blackbox_client import PORT, BlackboxClient, body
from accuracy.pace import offer
from accuracy.results import PEERS_DEFINITIONS, Definitions, Result
from accuracy.scheduling import driving, probing
from accuracy.tools import Load, clean_environment, peak_rss_mb, processor_s, wait_until
from accuracy.world import PROBER, World, connects


class Blackbox:
    """Without a total of its own up to the answer: probe_duration_seconds contains the transfer."""

    name = "blackbox_exporter"
    definitions: Definitions = PEERS_DEFINITIONS

    @contextlib.contextmanager
    def running(self, world: World, load: Load) -> Iterator["BlackboxSession"]:
        """Until its port is open."""
        file, log = world.folder / "blackbox.json", world.folder / "blackbox.log"
        file.write_text(json.dumps(settings(world.ca_file)), encoding="ascii")
        words = [installed("prometheus-blackbox-exporter"), f"--config.file={file}"]
        words += [f"--web.listen-address=127.0.0.1:{PORT}", "--log.level=error"]
        with open(log, "wb") as errors, world.namespaces.entered(PROBER):
            process = subprocess.Popen(
                probing(words, load.realtime),
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                env=clean_environment(),
                preexec_fn=die_with_parent(signal.SIGKILL),
            )
        try:
            with world.namespaces.entered(PROBER):
                wait_until(lambda: connects("127.0.0.1", PORT), process, log)
            yield BlackboxSession(process, world, load)
        finally:
            process.kill()
            process.wait()


class BlackboxSession:
    """One process; the driver connects to it over its loopback."""

    def __init__(self, process: subprocess.Popen[bytes], world: World, load: Load) -> None:
        self._process = process
        self._world = world
        self._load = load
        self.elapsed_s = 0.0
        self.peak_rss_mb: float | None = None

    def probe(self, urls: Sequence[str]) -> list[Result]:
        """By as many connections as probes are in flight."""
        with self._world.namespaces.entered(PROBER), BlackboxClient() as client, driving():
            jobs = [f"/probe?target={quote(url, safe='')}&module={MODULE}" for url in urls]
            self.elapsed_s = offer(jobs, self._load.rate, self._load.cap, client)
            answers = client.answers
        self.peak_rss_mb = peak_rss_mb(self._process.pid)
        return [blackbox_result(url, answers[job]) for url, job in zip(urls, jobs)]

    def processor_s(self) -> float:
        """Of all its threads."""
        return processor_s(self._process.pid)


MODULE = "bench"
METRIC = re.compile(r'^(\w+)(?:\{phase="(\w+)"\})? (\S+)$', re.MULTILINE)
BLACKBOX_PHASES = {
    "resolve": "dns",
    "connect": "connect",
    "tls": "tls",
    "processing": "wait",
    "transfer": "transfer",
}


def blackbox_result(url: str, raw: bytes) -> Result:
    """From the metrics that the answer to a question about a URL consists of."""
    answer = body(raw)
    values = {(name, phase): float(value) for name, phase, value in METRIC.findall(answer)}
    reported = {}
    for theirs, ours in BLACKBOX_PHASES.items():
        seconds = values.get(("probe_http_duration_seconds", theirs))
        if seconds is not None and (ours != "tls" or urlsplit(url).scheme == "https"):
            reported[ours] = seconds * 1e6
    succeeded = values.get(("probe_success", ""), 0.0) == 1.0
    return Result(url, reported, failure=None if succeeded else answer[:200] or "no answer")


def settings(ca_file: Path) -> dict[str, object]:
    """Its defaults, and who signs our server's certificate; JSON is YAML, too."""
    return {
        "modules": {
            MODULE: {"prober": "http", "http": {"tls_config": {"ca_file": str(ca_file)}}},
        }
    }
