"""firstbyte-agent's batch mode."""

import contextlib
import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from host.errors import DemoError
from host.kernel import die_with_parent
from host.programs import built

from accuracy.results import OUR_DEFINITIONS, PHASES, Definitions, Result
from accuracy.scheduling import driving, probing
from accuracy.tools import Load, clean_environment, peak_rss_mb, processor_s, wait_until
from accuracy.world import NETWORKS, PROBER, RESOLVER, World


class Agent:
    """`start to answer` is its ttfb_us, which contains what the agent itself spent."""

    name = "firstbyte-agent"
    definitions: Definitions = OUR_DEFINITIONS

    def __init__(
        self,
        build_dir: Path,
        program: str | None,
        shows_keys: bool = False,
        own_clock: bool = False,
    ) -> None:
        self._program = program or built(build_dir, "agent")
        self._shows_keys = shows_keys
        self._own_clock = own_clock
        if own_clock:
            self.name = "agent's own clock"

    @contextlib.contextmanager
    def running(self, world: World, load: Load) -> Iterator["AgentSession"]:
        """Until READY."""
        words = [self._program, "probe", "--stdin", "--json", "--ca-file", str(world.ca_file)]
        words += ["--concurrency", str(load.cap), "--resolver", RESOLVER]
        if load.rate:
            words += ["--rate", f"{load.rate:g}"]
        if self._own_clock:
            words.append("--agent-clock")
        for network in NETWORKS:
            words += ["--allow-network", network]
        log = world.folder / "agent.log"
        environment = clean_environment()
        if self._shows_keys:
            environment["SSLKEYLOGFILE"] = str(key_log(world))
        with open(log, "wb") as errors, world.namespaces.entered(PROBER):
            process = subprocess.Popen(
                probing(words, load.realtime),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=environment,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )
        try:
            wait_until(lambda: b"READY" in log.read_bytes(), process, log)
            yield AgentSession(process, log)
        finally:
            process.kill()
            process.wait()


class AgentSession:
    """One run of the batch mode."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process = process
        self._log = log
        self._used_s: float | None = None
        self.elapsed_s = 0.0
        self.peak_rss_mb: float | None = None

    def probe(self, urls: Sequence[str]) -> list[Result]:
        """Ends the process with the input."""
        began = time.monotonic()
        with driving():
            output = self._exchange("".join(f"{url}\n" for url in urls).encode("ascii"))
            self.elapsed_s = time.monotonic() - began
            _, status, usage = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        self._used_s = usage.ru_utime + usage.ru_stime
        results = [agent_result(json.loads(line)) for line in output.splitlines()]
        if self._process.returncode != 0 or not results:
            said = self._log.read_text(encoding="utf-8", errors="replace")[-500:]
            raise DemoError(f"the agent ended with {self._process.returncode}: {said}")
        return results

    def _exchange(self, unsent: bytes) -> bytes:
        """Writes and reads at once, since both pipes are small, until the end of the output."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None
        os.set_blocking(stdin.fileno(), False)
        poller = select.poll()
        poller.register(stdin, select.POLLOUT)
        poller.register(stdout, select.POLLIN)
        output = bytearray()
        while True:
            ready = {descriptor for descriptor, _ in poller.poll()}
            if unsent and stdin.fileno() in ready:
                unsent = unsent[os.write(stdin.fileno(), unsent[:4096]) :]
                if not unsent:
                    poller.unregister(stdin)
                    stdin.close()
            if stdout.fileno() in ready:
                data = os.read(stdout.fileno(), 1 << 20)
                if not data:
                    return bytes(output)
                output += data
                self.peak_rss_mb = peak_rss_mb(self._process.pid) or self.peak_rss_mb

    def processor_s(self) -> float:
        """Exact, also when it has ended."""
        return self._used_s if self._used_s is not None else processor_s(self._process.pid)


def agent_result(line: dict[str, object]) -> Result:
    """One line of the batch mode's output."""
    timings = line.get("timings")
    assert isinstance(timings, dict)
    failure = line.get("failure")
    port = line.get("local_port")
    return Result(
        url=str(line["url"]),
        reported_us=agent_phases(timings),
        by_own_clock=tuple(
            phase for phase in PHASES if timings.get(f"{phase}_clock") == "agent"
        ),
        local_port=port if isinstance(port, int) else None,
        failure=None if failure is None else json.dumps(failure),
    )


def agent_phases(timings: dict[str, float | None]) -> dict[str, float]:
    """The agent's timings by column."""
    phases = {
        name: float(value)
        for name in ("dns", "connect", "tls", "wait", "transfer")
        if (value := timings.get(f"{name}_us")) is not None
    }
    if (ttfb := timings.get("ttfb_us")) is not None:
        phases["start to answer"] = float(ttfb)
    return phases


def key_log(world: World) -> Path:
    """Where libcurl leaves the keys of its sessions when it is asked to."""
    return world.folder / "keys.log"
