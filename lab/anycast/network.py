"""The lab as the network of a demo."""

import os
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from anycast import launch
from anycast.addresses import ANYCAST_NETWORK4, ANYCAST_NETWORK6, RESOLVER4, Plan
from anycast.state import StateFolder
from host.errors import DemoError
from host.processes import Child, Processes
from host.stop_signals import StopSignals
from stack.network import AgentNeeds, hand_over
from world import paths
from world.geography import HOST
from world.topology import Place, Topology

GRPC_PORT = 7443
# A demo may be left running over a day; the lab dies with it anyway.
TTL_S = 7 * 24 * 3600.0


class AnycastNetwork:
    """Every agent in its city's namespace, the collector in one of its own."""

    notice = (
        "Lab demo: BGP, DNS and HTTPS are real, the distances are simulated; all of it runs on one"
        " machine."
    )
    target_url = f"https://{HOST}/"

    def __init__(
        self,
        topology: Topology,
        state_dir: Path,
        build_dir: Path,
        processes: Processes,
        signals: StopSignals,
    ) -> None:
        self.topology = topology
        self.state = StateFolder(state_dir)
        self.grpc_address = f"{Plan(topology).host4(topology.collector)}:{GRPC_PORT}"
        self._build_dir = build_dir
        self._processes = processes
        self._signals = signals
        self._holder: Child | None = None
        self._gone: set[str] = set()

    def start(self, deadline: float) -> None:
        """Builds the lab; it comes down as well when this process is killed."""
        del deadline  # the lab has its own, and says more about what is missing
        with self._signals.interruptible():
            holder = launch.launch(
                self.state,
                launch.holder_arguments(self.topology, self._build_dir, self.state, TTL_S),
                with_lifeline=True,
            )
        self._holder = self._processes.adopt("lab", holder, self.state.log)

    def command_environment(self) -> dict[str, str]:
        """The folder by which labctl finds the lab."""
        return {"FIRSTBYTE_LAB": str(self.state.root)}

    @property
    def is_there(self) -> bool:
        """Whether its holder lives."""
        return self._holder is not None and self._holder.running

    def stop(self) -> list[str]:
        """Takes it down."""
        if self._holder is None:
            return []
        self._holder.watched = False
        try:
            launch.take_down(self.state)
        except (DemoError, OSError) as error:
            return [f"the lab did not go down: {error}"]
        finally:
            assert self._holder.popen.stdin is not None
            self._holder.popen.stdin.close()
        return self._processes.stop([self._holder])

    def agent_needs(self, city: Place) -> AgentNeeds:
        """The same everywhere: that is what anycast is."""
        del city
        return AgentNeeds(
            RESOLVER4, [ANYCAST_NETWORK4, ANYCAST_NETWORK6], self.state.tls / "ca.pem"
        )

    def in_city(self, city: Place, command: Sequence[str | bytes]) -> list[str | bytes]:
        """In the city's network."""
        return [*labctl("enter"), str(self.state.root), city.slug, *command]

    def in_collectors_place(
        self, command: Sequence[str | bytes], listener: socket.socket
    ) -> list[str | bytes]:
        """The socket was made outside and keeps belonging outside."""
        return self.in_city(self.topology.collector, [*hand_over(listener), *command])

    def expected_edges(self) -> Mapping[str, str]:
        """By city: the nearest edge that was not taken away."""
        alive = [edge for edge in self.topology.edges if edge not in self._gone]
        nearest = {
            city.slug: paths.nearest(self.topology, city.slug, alive)
            for city in self.topology.cities
        }
        return {city: edge for city, edge in nearest.items() if edge}

    def cut(self, edge: str) -> None:
        """Silent power loss."""
        self.state.request("cut", name=edge)
        self._gone.add(edge)

    def revive(self, edge: str) -> None:
        """And back."""
        self.state.request("revive", name=edge)
        self._gone.discard(edge)

    def routers_agree(self) -> bool:
        """Whether every city's router chose what it should by now."""
        look = self.state.request("agreement")
        return bool(look["right"] == look["of"])


def labctl(verb: str) -> list[str]:
    """Words before a command."""
    script = Path(__file__).parents[1] / "labctl"
    return [sys.executable, "-S", "-B", os.fspath(script), verb]
