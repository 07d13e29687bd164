"""The network where there is no lab. There is no anycast on loopback, so it is the DNS answer, not
the route, that takes each city to its nearest edge."""

import socket
from collections.abc import Mapping, Sequence

from host import ports
from host.certificates import ensure_certificates
from host.folder import DataFolder
from host.processes import Child, Processes
from loopback.edges import addresses, start_edges, start_resolvers
from stack.network import AgentNeeds, hand_over
from world import paths
from world.geography import HOST
from world.topology import Place, Topology

START_LIMIT_S = 20.0


class LoopbackNetwork:
    """Nine edges in one nginx, nine resolvers."""

    notice = "Loopback demo: every edge stands on this machine, so the times show no distances."
    grpc_address = "127.0.0.1:0"

    def __init__(
        self, topology: Topology, folder: DataFolder, processes: Processes, well_known_ports: bool
    ) -> None:
        self.topology = topology
        self._folder = folder
        self._processes = processes
        self._well_known_ports = well_known_ports
        self._addresses = addresses(topology)
        self._edge_port = 0
        self._resolver_port = 0
        self._children: list[Child] = []

    @property
    def target_url(self) -> str:
        """What the demo tests."""
        return f"https://{HOST}:{self._edge_port}/"

    def start(self, deadline: float) -> None:
        """Returns when every edge and every resolver answers."""
        ensure_certificates(self._folder.tls)
        self._choose_ports()
        edges = start_edges(self._processes, self._folder, self.topology, self._edge_port)
        resolvers = start_resolvers(
            self._processes, self._folder, self.topology, self._resolver_port
        )
        waiting = [edges, *resolvers]
        self._children = [entry.child for entry in waiting]
        self._processes.wait_ready(waiting, deadline, START_LIMIT_S)

    def command_environment(self) -> dict[str, str]:
        """Nothing: its edges are processes beside the others."""
        return {}

    @property
    def is_there(self) -> bool:
        """Its processes are watched one by one."""
        return True

    def stop(self) -> list[str]:
        """Stops them."""
        return self._processes.stop(self._children)

    def agent_needs(self, city: Place) -> AgentNeeds:
        """Each city asks the resolver beside its nearest edge."""
        resolver = self._addresses[self.expected_edges()[city.slug]]
        return AgentNeeds(
            resolver=f"{resolver}:{self._resolver_port}",
            allow_networks=["127.0.0.0/8"],
            ca_file=self._folder.tls / "ca.pem",
            allow_ports=[self._edge_port],
        )

    def in_city(self, city: Place, command: Sequence[str | bytes]) -> list[str | bytes]:
        """All cities are here."""
        del city
        return list(command)

    def in_collectors_place(
        self, command: Sequence[str | bytes], listener: socket.socket
    ) -> list[str | bytes]:
        """Here as well."""
        return [*hand_over(listener), *command]

    def expected_edges(self) -> Mapping[str, str]:
        """By city: the edge that the resolver names."""
        edges = list(self.topology.edges)
        nearest = {
            city.slug: paths.nearest(self.topology, city.slug, edges)
            for city in self.topology.cities
        }
        return {city: edge for city, edge in nearest.items() if edge}

    def _choose_ports(self) -> None:
        known = self._well_known_ports
        stream, datagram = socket.SOCK_STREAM, socket.SOCK_DGRAM
        places = list(self._addresses.values())
        self._edge_port = ports.choose_port(
            ports.EDGE_PORT if known else None, ports.free_on(places, [stream])
        )
        self._resolver_port = ports.choose_port(
            ports.RESOLVER_PORT if known else None, ports.free_on(places, [datagram, stream])
        )
