"""The whole demo: what it consists of, in which order it starts, and in which it stops."""

import re
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from host import ports
from host.certificates import ensure_certificates
from world.cities import CITIES, EDGES, HOST, City, nearest_edge
from loopback.edges import start_edges, start_resolvers
from host.errors import DemoError
from host.folder import DataFolder
from host.processes import Child, Processes, Waiting
from host.programs import built

START_LIMIT_S = 20.0

NOTICE = "Loopback demo: every edge stands on this machine, so the times show no distances."

COLLECTOR_READY = re.compile(r"ready http=(?P<http>\S+:\d+) grpc=(?P<grpc>\S+:\d+)")


@dataclass(frozen=True)
class Settings:
    """What differs between a demo for people and an unattended one."""

    build_dir: Path
    page_port: int  # 0: any
    preferred_edge_port: int | None
    preferred_resolver_port: int | None


def demo_settings(build_dir: Path) -> Settings:
    """The well-known ports; the page's is fixed, because its address is shared and bookmarked."""
    return Settings(build_dir, ports.PAGE_PORT, ports.EDGE_PORT, ports.RESOLVER_PORT)


def unattended_settings(build_dir: Path) -> Settings:
    """Free ports only, so that any number of these can run beside a demo."""
    return Settings(build_dir, 0, None, None)


class Stack:
    """Nine edges, nine resolvers, one collector, fourteen agents."""

    def __init__(self, settings: Settings, folder: DataFolder, processes: Processes) -> None:
        self.folder = folder
        self.agents: dict[str, Child] = {}
        self.collector_http = ""
        self.collector_grpc = "127.0.0.1:0"
        self.edge_port = 0
        self._settings = settings
        self._processes = processes
        self._collector: Child | None = None
        self._network: list[Child] = []

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://{self.collector_http}"

    @property
    def target_url(self) -> str:
        """What the demo tests."""
        return f"https://{HOST}:{self.edge_port}/"

    @property
    def pids(self) -> dict[str, int | dict[str, int]]:
        """The process ids of our own binaries."""
        assert self._collector is not None
        agents = {slug: agent.pid for slug, agent in self.agents.items()}
        return {"collector": self._collector.pid, "agents": agents}

    def start(self) -> None:
        """Starts everything in order and returns when all of it is ready."""
        deadline = time.monotonic() + START_LIMIT_S
        self.folder.prepare()
        ensure_certificates(self.folder.tls)
        resolver_port = self._choose_ports()

        edges = start_edges(self._processes, self.folder, self.edge_port)
        resolvers = start_resolvers(self._processes, self.folder, resolver_port)
        network = [edges, *resolvers]
        self._network = [entry.child for entry in network]
        collector = self._start_collector(f"127.0.0.1:{self._settings.page_port}")
        self._wait_ready([*network, collector], deadline)
        self._read_collector_addresses()

        agents = [self._start_agent(city, resolver_port) for city in CITIES]
        self._wait_ready(agents, deadline)

    def stop(self) -> list[str]:
        """Stops everything in reverse order; returns complaints about who did not end properly."""
        collector = [self._collector] if self._collector else []
        complaints = []
        for stage in (list(self.agents.values()), collector, self._network):
            complaints += self._processes.stop(stage)
        # Whatever a start that broke off did not get round to noting above.
        return complaints + self._processes.stop(self._processes.running)

    def restart_collector(self) -> None:
        """Stops the collector and starts it again on the same ports and data."""
        assert self._collector is not None
        complaints = self._processes.stop([self._collector])
        if complaints:
            raise DemoError(complaints[0])
        starting = self._start_collector(self.collector_http)
        self._wait_ready([starting], time.monotonic() + START_LIMIT_S)

    def _choose_ports(self) -> int:
        addresses = [edge.address for edge in EDGES]
        tcp, udp = socket.SOCK_STREAM, socket.SOCK_DGRAM
        self.edge_port = ports.choose_port(
            self._settings.preferred_edge_port, ports.free_on(addresses, [tcp])
        )
        return ports.choose_port(
            self._settings.preferred_resolver_port, ports.free_on(addresses, [udp, tcp])
        )

    def _start_collector(self, http: str) -> Waiting:
        command = [
            built(self._settings.build_dir, "collector"),
            *["--http", http],
            *["--grpc", self.collector_grpc],
            *["--data-dir", str(self.folder.collector)],
            *["--default-url", self.target_url],
            *["--notice", NOTICE],
        ]
        log = self.folder.logs / "collector.log"
        child = self._processes.start("collector", command, log)
        self._collector = child
        return Waiting(child, lambda: any(map(COLLECTOR_READY.fullmatch, child.lines)))

    def _read_collector_addresses(self) -> None:
        assert self._collector is not None
        (said,) = filter(None, map(COLLECTOR_READY.fullmatch, self._collector.lines))
        self.collector_http, self.collector_grpc = said["http"], said["grpc"]

    def _start_agent(self, city: City, resolver_port: int) -> Waiting:
        data = self.folder.agents / city.slug
        data.mkdir(exist_ok=True)
        command = [
            built(self._settings.build_dir, "agent"),
            *["--collector", self.collector_grpc],
            # As bytes: São Paulo stays UTF-8 whatever the locale is.
            *["--city", city.name.encode()],
            *["--resolver", f"{nearest_edge(city).address}:{resolver_port}"],
            *["--ca-file", str(self.folder.tls / "ca.pem")],
            *["--allow-network", "127.0.0.0/8"],
            *["--data-dir", str(data)],
        ]
        name = f"agent-{city.slug}"
        child = self._processes.start(name, command, self.folder.logs / f"{name}.log")
        self.agents[city.slug] = child
        return Waiting(child, says(child, f"ready agent={city.slug}"))

    def _wait_ready(self, waiting: list[Waiting], deadline: float) -> None:
        self._processes.wait_ready(waiting, deadline, START_LIMIT_S)


def says(child: Child, line: str) -> Callable[[], bool]:
    """The question whether a child has printed this line."""
    return lambda: line in child.lines
