"""The whole demo: what it consists of, in which order it starts, and in which it stops."""

import re
import shlex
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from host import ports
from host.errors import DemoError
from host.folder import DataFolder
from host.processes import Child, Processes, Waiting
from host.programs import built, installed
from stack.edges import write_edges_file
from stack.enrolment import has_joined, join_commands
from stack.network import Network
from world.topology import Place

START_LIMIT_S = 20.0

NO_JOINS: Mapping[str, str] = {}

COLLECTOR_READY = re.compile(r"ready http=(?P<http>\S+:\d+) grpc=(?P<grpc>\S+:\d+)")


@dataclass(frozen=True)
class Settings:
    """What differs between a demo for people and an unattended one."""

    build_dir: Path
    # People: the page's port is fixed, because its address is shared and bookmarked. Unattended:
    # free ports only, so that any number of these can run beside a demo.
    well_known_ports: bool


class Stack:
    """A network, one collector, fourteen agents."""

    def __init__(
        self, settings: Settings, network: Network, folder: DataFolder, processes: Processes
    ) -> None:
        self.folder = folder
        self.network = network
        self.agents: dict[str, Child] = {}
        self.collector_http = ""
        # Each from its next start on: more flags of the collector's, and by city of an agent the
        # variables that its environment gets.
        self.collector_flags: list[str] = []
        self.agent_environment: dict[str, dict[str, str]] = {}
        self._collector_grpc = network.grpc_address
        self._settings = settings
        self._processes = processes
        self._listener: socket.socket | None = None
        self._collector: Child | None = None

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://{self.collector_http}"

    @property
    def collector(self) -> Child:
        """Its process, the last one that was started."""
        assert self._collector is not None
        return self._collector

    @property
    def pids(self) -> dict[str, int | dict[str, int]]:
        """The process ids of our own binaries."""
        agents = {slug: agent.pid for slug, agent in self.agents.items()}
        return {"collector": self.collector.pid, "agents": agents}

    def start(self) -> None:
        """Starts everything in order and returns when all of it is ready."""
        deadline = time.monotonic() + START_LIMIT_S
        self.folder.prepare()
        write_edges_file(self.folder.edges_file, self.network.topology)
        port = ports.PAGE_PORT if self._settings.well_known_ports else 0
        self._listener = listen_on_loopback(port)
        self.network.start(deadline)
        self._wait_ready([self.start_collector()], deadline)
        self._read_collector_addresses()
        joins = self._enroll_agents()
        agents = [self.start_agent(city, joins) for city in self.network.topology.cities]
        self._wait_ready(agents, deadline)

    def stop(self) -> list[str]:
        """Stops everything in reverse order; returns complaints about who did not end properly."""
        collector = [self._collector] if self._collector else []
        complaints = []
        for stage in (list(self.agents.values()), collector):
            complaints += self._processes.stop(stage)
        complaints += self.network.stop()
        if self._listener:
            self._listener.close()
        # Whatever a start that broke off did not get round to noting above.
        return complaints + self._processes.stop(self._processes.running)

    def restart_collector(self) -> None:
        """Stops the collector and starts it again on the same ports and data."""
        complaints = self._processes.stop([self.collector])
        if complaints:
            raise DemoError(complaints[0])
        self._wait_ready([self.start_collector()], time.monotonic() + START_LIMIT_S)

    def start_collector(self) -> Waiting:
        """A new process on the same ports and data; does not wait until it is ready."""
        assert self._listener is not None
        command = [
            built(self._settings.build_dir, "collector"),
            *["--grpc", self._collector_grpc],
            *["--data-dir", str(self.folder.collector)],
            *["--edges", str(self.folder.edges_file)],
            *["--default-url", self.network.target_url],
            *(["--notice", self.network.notice] if self.network.notice else []),
            # All who look, and the benchmarks, come from one address and test one target.
            *["--limit-client", "0", "--limit-target", "0", "--limit-total", "0"],
            *self.collector_flags,
        ]
        child = self._processes.start(
            "collector",
            self.network.in_collectors_place(command, self._listener),
            self.folder.logs / "collector.log",
            pass_fds=[self._listener.fileno()],
        )
        self._collector = child
        return Waiting(child, lambda: any(map(COLLECTOR_READY.fullmatch, child.lines)))

    def _read_collector_addresses(self) -> None:
        (said,) = filter(None, map(COLLECTOR_READY.fullmatch, self.collector.lines))
        self.collector_http, self._collector_grpc = said["http"], said["grpc"]

    def _enroll_agents(self) -> dict[str, str]:
        """By city's name: the command by which its agent joins; nothing for those that have joined before."""
        newcomers = {}
        for city in self.network.topology.cities:
            data = self.folder.agents / city.slug
            data.mkdir(exist_ok=True)
            if not has_joined(data, self.folder.collector):
                (data / "identity.pem").unlink(missing_ok=True)
                newcomers[city.name] = data
        collector = built(self._settings.build_dir, "collector")
        return join_commands(collector, self.folder.collector, self._collector_grpc, newcomers)

    def start_agent(self, city: Place, joins: Mapping[str, str] = NO_JOINS) -> Waiting:
        """A new process on the city's data; does not wait until it is ready."""
        agent = built(self._settings.build_dir, "agent")
        needs = self.network.agent_needs(city)
        variables = self.agent_environment.get(city.slug, {})
        command = [
            *([installed("env")] if variables else []),
            *(f"{name}={value}" for name, value in variables.items()),
            agent,
            *["--collector", self._collector_grpc],
            *["--resolver", needs.resolver],
            *["--ca-file", str(needs.ca_file)],
            *[word for network in needs.allow_networks for word in ("--allow-network", network)],
            *[word for port in needs.allow_ports for word in ("--allow-port", str(port))],
            *["--data-dir", str(self.folder.agents / city.slug)],
        ]
        if city.name in joins:
            # One way into the city for both, as that takes longer than the join. As if pasted into a
            # shell that finds this very agent.
            path = f"PATH={shlex.quote(str(Path(agent).parent))}:$PATH"
            command = ["/bin/sh", "-c", f"{path}; {joins[city.name]} && exec {shlex.join(command)}"]
        name = f"agent-{city.slug}"
        child = self._processes.start(
            name, self.network.in_city(city, command), self.folder.logs / f"{name}.log"
        )
        self.agents[city.slug] = child
        return Waiting(child, says(child, f"ready agent={city.slug}"))

    def _wait_ready(self, waiting: list[Waiting], deadline: float) -> None:
        self._processes.wait_ready(waiting, deadline, START_LIMIT_S)


def listen_on_loopback(port: int) -> socket.socket:
    """The page's socket. It is made here and inherited by the collector, wherever that runs."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise DemoError(f"cannot listen on 127.0.0.1:{port}: {error.strerror}") from error
    return listener


def says(child: Child, line: str) -> Callable[[], bool]:
    """The question whether a child has printed this line."""
    return lambda: line in child.lines
