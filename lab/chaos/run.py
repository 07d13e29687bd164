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
from host.errors import StepFailed
from host.folder import DataFolder, remove, temporary_folder
from host.programs import require_all
from host.stop_signals import Interrupted, StopSignals
from stack.api import Api
from stack.commands import LAB, Say, Session
from stack.stack import Settings
from world.topology import Topology
from world.topology_file import TOPOLOGY_FILE, load_topology

TEST_INTERVAL_S = 0.5
POLL_S = 0.01
MEMORY_EVERY_S = 0.5
# A probe that began last ends after ten seconds at the latest, and an agent tells of its spool every ten.
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
        self._outcome = Outcome(wanted.seed, wanted.minutes)
        self._began = time.monotonic()

    def _make_clocks(self) -> dict[str, AgentClock]:
        files = self._folder.root / "clocks"
        files.mkdir()
        clocks = {
            agent: AgentClock(self._wanted.build_dir, files / agent) for agent in self._agents
        }
        variables = {agent: clock.environment for agent, clock in clocks.items()}
        self._session.stack.agent_environment = variables
        return clocks

    def run(self) -> Outcome:
        """Starts, lets faults strike, lifts them, drains, stops and accounts."""
        with self._session.running():
            services = Services(
                self._session.stack, self._session.processes, self._disks, self._tell
            )
            with open(self._folder.root / "chaos.jsonl", "w", encoding="utf-8") as log:
                self._strike(services, log)
            self._drain(services)
            self._outcome.complaints += services.complaints
            self._outcome.gave_up = dict(services.gave_up)
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

    def _strike(self, services: Services, log: TextIO) -> None:
        stack, network = self._session.stack, self._session.network
        assert isinstance(network, AnycastNetwork)
        faults = Faults(
            *(network, services, self._disks, self._clocks),
            lambda event, fault: self._record(log, event, fault),
        )
        load = Load(stack.collector_http, network.target_url, TEST_INTERVAL_S)
        peaks = Peaks(services)
        self._began = memory_due = time.monotonic()
        duration_s = self._wanted.minutes * 60
        faults.begin(plan(self._wanted.seed, duration_s, self._agents))
        for now in self._turns(services, duration_s):
            faults.look()
            load.look()
            if now >= memory_due:
                memory_due = now + MEMORY_EVERY_S
                peaks.look()
        faults.lift_all()
        load.end()
        self._tell("all faults are lifted")
        self._outcome.faults = dict(faults.struck)
        self._outcome.tests = {str(status): count for status, count in load.answers.items()}
        self._outcome.peaks_mb = peaks.highest
        self._outcome.complaints += peaks.complaints

    def _turns(self, services: Services, duration_s: float) -> Iterator[float]:
        """Looks after the processes for so long; gives the time of each turn."""
        until = time.monotonic() + duration_s
        while (now := time.monotonic()) < until:
            self._session.processes.pump(POLL_S)
            services.look()
            yield now

    def _drain(self, services: Services) -> None:
        """Until every agent is connected and has said that its spool is empty."""
        api = Api(self._session.stack.collector_http, self._signals)
        began = time.monotonic()
        since_s = time.time() + LAST_PROBE_S
        left = ["nobody has answered"]
        while left and time.monotonic() < began + DRAIN_LIMIT_S:
            for _ in self._turns(services, DRAIN_POLL_S):
                pass
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
        spools = [self._folder.agents / agent / ledgers.SPOOL for agent in self._agents]
        files = [store, self._folder.collector / ledgers.ACCESS, *spools]
        outcome.complaints += ledgers.check_files(files)
