"""A run from the first process to the verdict."""

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from anycast.network import AnycastNetwork
from chaos import ledgers
from chaos.accounting import account
from chaos.clocks import AgentClock
from chaos.disks import Disk
from chaos.drain import not_drained
from chaos.faults import Faults
from chaos.load import Load
from chaos.memory import Peaks
from chaos.plan import COLLECTOR, Fault, plan
from chaos.report import Outcome
from chaos.services import Services
from chaos.slots import Alive, account_slots, count
from chaos.substance import missing_substance
from host.errors import StepFailed
from host.folder import DataFolder, remove, temporary_folder
from host.processes import Processes
from host.programs import require_all
from host.stop_signals import Interrupted, StopSignals
from stack.api import Api
from stack.commands import LAB, Say, Session
from stack.stack import Settings
from world.topology import Topology
from world.topology_file import TOPOLOGY_FILE, load_topology

# Each agent's own schedule, and tests beside it. JSON is YAML as well.
CHECK = {"name": "chaos", "interval": "500ms"}
TEST_INTERVAL_S = 5.0
POLL_S = 0.01
# Before the faults, so that every agent has its schedule, and after them: what an agent skipped while its probe
# hung is told with its next result, and a probe hangs for ten seconds at the most.
CALM_BEFORE_S = 3.0
LAST_PROBE_S = 12.0
DRAIN_LIMIT_S = 90.0
DRAIN_POLL_S = 0.5
AGENT_DISK_BYTES = 8 << 20
# What fourteen agents leave in a minute is some 6 MB.
COLLECTOR_DISK_BYTES, COLLECTOR_DISK_BYTES_A_MINUTE = 64 << 20, 24 << 20


@dataclass(frozen=True)
class Wanted:
    """What was asked for."""

    build_dir: Path
    minutes: float
    seed: int


def run(wanted: Wanted, signals: StopSignals, say: Say) -> Outcome:
    """All of it. Where something was wrong the data stays, and its folder is named."""
    require_all(wanted.build_dir)
    folder = temporary_folder("chaos")
    topology = load_topology(TOPOLOGY_FILE)
    disks = make_disks(topology, folder, wanted.minutes)
    keep = True
    try:
        outcome = Run(wanted, topology, folder, disks, signals, say).run()
        keep = not outcome.holds
        return outcome
    except Interrupted:
        keep = False
        raise
    finally:
        for disk in disks.values():
            disk.take_away(keep)
        if keep:
            say(f"the data and logs are kept in {folder.root}")
        else:
            remove(folder)


def make_disks(topology: Topology, folder: DataFolder, minutes: float) -> dict[str, Disk]:
    """By name of its owner."""
    size = COLLECTOR_DISK_BYTES + round(COLLECTOR_DISK_BYTES_A_MINUTE * minutes)
    disks = {COLLECTOR: Disk(folder.collector, size)}
    for city in topology.cities:
        disks[city.slug] = Disk(folder.agents / city.slug, AGENT_DISK_BYTES)
    return disks


class Turns:
    """What has to be looked after all the time."""

    def __init__(self, processes: Processes, services: Services, peaks: Peaks) -> None:
        self._processes = processes
        self._services = services
        self._peaks = peaks

    def of(self, duration_s: float) -> Iterator[None]:
        """For so long, with a turn of whoever asks in between."""
        until = time.monotonic() + duration_s
        while time.monotonic() < until:
            self._processes.pump(POLL_S)
            self._services.look()
            self._peaks.look()
            yield

    def wait(self, duration_s: float) -> None:
        """For so long."""
        for _ in self.of(duration_s):
            pass


class Run:
    """One run, up to its outcome."""

    def __init__(
        self,
        wanted: Wanted,
        topology: Topology,
        folder: DataFolder,
        disks: dict[str, Disk],
        signals: StopSignals,
        say: Say,
    ) -> None:
        self._wanted = wanted
        self._folder = folder
        self._disks = disks
        self._signals = signals
        self._say = say
        self._agents = [city.slug for city in topology.cities]
        self._session = Session(Settings(wanted.build_dir, False), LAB, folder, signals, say)
        self._clocks = self._make_clocks()
        self._assign()
        self._outcome = Outcome(wanted.seed, wanted.minutes)
        self._began = time.monotonic()
        self._alive_from = self._alive_to = 0.0

    def _make_clocks(self) -> dict[str, AgentClock]:
        files = self._folder.root / "clocks"
        files.mkdir()
        clocks = {
            agent: AgentClock(self._wanted.build_dir, files / agent) for agent in self._agents
        }
        variables = {agent: clock.environment for agent, clock in clocks.items()}
        self._session.stack.agent_environment = variables
        return clocks

    def _assign(self) -> None:
        file = self._folder.root / "targets.yaml"
        target = {**CHECK, "url": self._session.network.target_url}
        file.write_text(json.dumps({"targets": [target]}) + "\n", encoding="utf-8")
        self._session.stack.collector_flags = ["--targets", str(file)]

    def run(self) -> Outcome:
        """Starts, lets faults strike, lifts them, drains, stops and accounts."""
        with self._session.running():
            services = Services(
                self._session.stack, self._session.processes, self._disks, self._tell
            )
            peaks = Peaks(services)
            turns = Turns(self._session.processes, services, peaks)
            with open(self._folder.root / "chaos.jsonl", "w", encoding="utf-8") as log:
                self._strike(services, turns, log)
            self._withdraw(services, turns)
            self._drain(turns)
            self._outcome.complaints += services.complaints
            self._outcome.gave_up = dict(services.gave_up)
            self._outcome.complaints += peaks.complaints
            self._outcome.peaks_mb = peaks.highest
        self._outcome.complaints += self._session.unexpected
        self._account()
        self._outcome.tell(self._say)
        return self._outcome

    def _tell(self, what: str) -> None:
        self._say(f"{time.monotonic() - self._began:7.2f}  {what}")

    def _record(self, log: TextIO, event: str, fault: Fault) -> None:
        entry = {
            "event": event,
            "after_s": round(time.monotonic() - self._began, 3),
            "at": time.time(),
            **vars(fault),
            "kind": fault.kind.title,
        }
        print(json.dumps(entry), file=log, flush=True)
        self._tell(f"{event:6} {fault}")

    def _strike(self, services: Services, turns: Turns, log: TextIO) -> None:
        stack, network = self._session.stack, self._session.network
        assert isinstance(network, AnycastNetwork)
        faults = Faults(
            *(network, services, self._disks, self._clocks),
            lambda event, fault: self._record(log, event, fault),
        )
        load = Load(stack.collector_http, network.target_url, TEST_INTERVAL_S)
        turns.wait(CALM_BEFORE_S)
        self._began, self._alive_from = time.monotonic(), time.time()
        duration_s = self._wanted.minutes * 60
        faults.begin(plan(self._wanted.seed, duration_s, self._agents))
        for _ in turns.of(duration_s):
            faults.look()
            load.look()
        faults.lift_all()
        load.end()
        self._tell("all faults are lifted")
        turns.wait(LAST_PROBE_S)
        self._outcome.faults = dict(faults.struck)
        self._outcome.tests = {str(status): count for status, count in load.answers.items()}

    def _withdraw(self, services: Services, turns: Turns) -> None:
        """From here on nobody has anything to probe."""
        self._alive_to = time.time()
        self._session.stack.collector_flags = []
        services.stop(COLLECTOR, down_s=0.0)
        while not services.all_run:
            turns.wait(POLL_S)
        self._tell("nothing is probed any more")

    def _drain(self, turns: Turns) -> None:
        """Until every agent is connected and has said that its spool is empty."""
        api = Api(self._session.stack.collector_http, self._signals)
        began = time.monotonic()
        since_s = time.time() + LAST_PROBE_S
        left = ["nobody has answered"]
        while left and time.monotonic() < began + DRAIN_LIMIT_S:
            turns.wait(DRAIN_POLL_S)
            with contextlib.suppress(StepFailed):  # it may still be on its way up
                left = not_drained(api.get("/api/v1/agents"), self._agents, since_s)
        self._outcome.drain_s = time.monotonic() - began
        self._tell(f"drained after {self._outcome.drain_s:.1f} s")
        self._outcome.complaints += [f"after {DRAIN_LIMIT_S:.0f} s {what}" for what in left]

    def _account(self) -> None:
        store = self._folder.collector / ledgers.STORE
        ledger = ledgers.read_store(store)
        given = {}
        for agent in self._agents:
            given |= ledgers.read_spools(agent, self._folder.agents / agent)
        outcome = self._outcome
        outcome.numbers = sum(boot.last for boot in given.values())
        outcome.results = ledger.results
        outcome.gaps = dict(ledger.gaps)
        outcome.clock_steps = ledger.clock_steps
        outcome.complaints += ledger.complaints
        outcome.complaints += account(ledger.boots, given)
        outcome.slots, outcome.skipped = count(ledger.series)
        alive = Alive(round(self._alive_from * 1e6), round(self._alive_to * 1e6))
        outcome.complaints += account_slots(ledger.series, ledger.boots, self._agents, alive)
        spools = [self._folder.agents / agent / ledgers.SPOOL for agent in self._agents]
        files = [store, self._folder.collector / ledgers.ACCESS, *spools]
        outcome.complaints += ledgers.check_files(files)
        outcome.complaints += missing_substance(outcome)
